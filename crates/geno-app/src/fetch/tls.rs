//! Whom to trust, and what a failed handshake means.

use std::{fs, io, path::Path};

use ureq::tls::{PemItem, RootCerts, TlsConfig, parse_pem};

use super::FetchError;

/// Trusts the certificates of a file and nobody else, or the Mozilla roots if there is none.
pub(super) fn config(ca_file: Option<&Path>) -> Result<TlsConfig, FetchError> {
    let roots = match ca_file {
        None => RootCerts::WebPki,
        Some(path) => {
            let certificates = certificates(path).map_err(|source| FetchError::CaFile {
                path: path.to_owned(),
                source,
            })?;
            RootCerts::new_with_certs(&certificates)
        }
    };
    Ok(TlsConfig::builder().root_certs(roots).build())
}

fn certificates(path: &Path) -> io::Result<Vec<ureq::tls::Certificate<'static>>> {
    let mut certificates = Vec::new();
    for item in parse_pem(&fs::read(path)?) {
        if let PemItem::Certificate(certificate) = item.map_err(ureq::Error::into_io)? {
            certificates.push(certificate);
        }
    }
    match certificates.is_empty() {
        true => Err(io::Error::other("file holds no PEM certificate")),
        false => Ok(certificates),
    }
}

/// Whether an error is about the certificate of the host.
pub(super) fn is_about_certificate(error: &ureq::Error) -> bool {
    let tls = match error {
        ureq::Error::Rustls(error) => Some(error),
        ureq::Error::Io(error) => error
            .get_ref()
            .and_then(|inner| inner.downcast_ref::<rustls::Error>()),
        _ => None,
    };
    matches!(
        tls,
        Some(
            rustls::Error::InvalidCertificate(_)
                | rustls::Error::NoCertificatesPresented
                | rustls::Error::UnsupportedNameType
        )
    )
}
