//! Which instructions this processor has.

use std::fmt;

/// A set of instructions that this processor has, to compute with.
///
/// A value exists only where its instructions do, which is what makes calling them sound.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Kernel(Isa);

/// The instruction sets that there are kernels for, each with all of those before it.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) enum Isa {
    Portable,
    /// AVX2 and FMA.
    #[cfg(target_arch = "x86_64")]
    Avx2,
    /// AVX-512 F, BW, DQ and VL.
    #[cfg(target_arch = "x86_64")]
    Avx512,
    /// AVX-512 with BF16 and VNNI.
    #[cfg(target_arch = "x86_64")]
    Avx512Bf16,
}

impl Kernel {
    /// The canonical kernel, on every processor.
    pub const PORTABLE: Self = Self(Isa::Portable);

    /// The fastest kernel that this processor can run.
    ///
    /// ```
    /// use geno_kernels::Kernel;
    ///
    /// assert!(Kernel::available().contains(&Kernel::detect()));
    /// ```
    pub fn detect() -> Self {
        let fastest = Isa::ALL.iter().rev().find(|isa| isa.is_available());
        fastest.map_or(Self::PORTABLE, |isa| Self(*isa))
    }

    /// Every kernel that this processor can run, slowest first.
    pub fn available() -> Vec<Self> {
        let isas = Isa::ALL.iter().filter(|isa| isa.is_available());
        isas.map(|isa| Self(*isa)).collect()
    }

    /// The name that receipts record.
    pub fn as_str(self) -> &'static str {
        match self.0 {
            Isa::Portable => "native-portable",
            #[cfg(target_arch = "x86_64")]
            Isa::Avx2 => "native-avx2",
            #[cfg(target_arch = "x86_64")]
            Isa::Avx512 => "native-avx512",
            #[cfg(target_arch = "x86_64")]
            Isa::Avx512Bf16 => "native-avx512-bf16",
        }
    }

    pub(crate) fn isa(self) -> Isa {
        self.0
    }
}

impl fmt::Display for Kernel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl Isa {
    #[cfg(target_arch = "x86_64")]
    const ALL: &'static [Self] = &[Self::Portable, Self::Avx2, Self::Avx512, Self::Avx512Bf16];
    #[cfg(not(target_arch = "x86_64"))]
    const ALL: &'static [Self] = &[Self::Portable];

    #[cfg(target_arch = "x86_64")]
    fn is_available(self) -> bool {
        let avx2 = || is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma");
        let avx512 = || {
            avx2()
                && is_x86_feature_detected!("avx512f")
                && is_x86_feature_detected!("avx512bw")
                && is_x86_feature_detected!("avx512dq")
                && is_x86_feature_detected!("avx512vl")
        };
        match self {
            Self::Portable => true,
            Self::Avx2 => avx2(),
            Self::Avx512 => avx512(),
            Self::Avx512Bf16 => {
                avx512()
                    && is_x86_feature_detected!("avx512bf16")
                    && is_x86_feature_detected!("avx512vnni")
            }
        }
    }

    #[cfg(not(target_arch = "x86_64"))]
    fn is_available(self) -> bool {
        true
    }
}

/// Compiles a function once for every width of registers and calls the one of a kernel.
///
/// All of them run the same operations in the same order without fusing any, so they give the same
/// bits.
macro_rules! for_each_width {
    (
        $(#[$meta:meta])*
        $vis:vis fn $name:ident($($arg:ident: $ty:ty),* $(,)?) $(-> $ret:ty)? $body:block
    ) => {
        $(#[$meta])*
        $vis fn $name(kernel: $crate::cpu::Kernel, $($arg: $ty),*) $(-> $ret)? {
            #[inline(always)]
            fn body($($arg: $ty),*) $(-> $ret)? $body

            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx2")]
            fn avx2($($arg: $ty),*) $(-> $ret)? {
                body($($arg),*)
            }

            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]
            fn avx512($($arg: $ty),*) $(-> $ret)? {
                body($($arg),*)
            }

            match kernel.isa() {
                $crate::cpu::Isa::Portable => body($($arg),*),
                #[cfg(target_arch = "x86_64")]
                // SAFETY: a kernel exists only where its instructions do.
                $crate::cpu::Isa::Avx2 => unsafe { avx2($($arg),*) },
                #[cfg(target_arch = "x86_64")]
                $crate::cpu::Isa::Avx512 | $crate::cpu::Isa::Avx512Bf16 => {
                    // SAFETY: as above.
                    unsafe { avx512($($arg),*) }
                }
            }
        }
    };
}
pub(crate) use for_each_width;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_portable_kernel_is_on_every_processor_and_is_the_slowest() {
        assert_eq!(Kernel::available()[0], Kernel::PORTABLE);
    }
}
