//! Closed sets of names, each an enum that prints and reads as the file format spells it.

/// Declares an enum whose values are known by one name each.
macro_rules! names {
    (
        $(#[doc = $doc:literal])* $what:literal
        enum $type:ident { $($(#[doc = $variant_doc:literal])* $variant:ident = $name:literal,)* }
    ) => {
        $(#[doc = $doc])*
        #[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
        pub enum $type {
            $($(#[doc = $variant_doc])* $variant,)*
        }

        impl $type {
            /// Every value, in order of declaration.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The name used in bucket ids and configurations.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }
        }

        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl std::str::FromStr for $type {
            type Err = geno_core::UnknownName;

            fn from_str(name: &str) -> Result<Self, Self::Err> {
                match name {
                    $($name => Ok(Self::$variant),)*
                    _ => Err(geno_core::UnknownName {
                        what: $what,
                        name: name.to_owned(),
                        expected: &[$($name,)*],
                    }),
                }
            }
        }
    };
}

pub(crate) use names;
