//! Where tensors are computed.

use std::{fmt, str::FromStr};

use burn::tensor::Device;
use geno_core::{Coded, ErrorCode};
use geno_kernels::Kernel;

/// A way to compute tensors.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Backend {
    /// This project's own kernels for CPUs run the networks, Burn's `flex` the rest.
    Native,
    /// Burn's `flex`, on every CPU.
    Cpu,
    /// Burn's `ndarray`, on every CPU; deprecated by Burn.
    Ndarray,
    /// A GPU through Vulkan, Metal or DirectX.
    Wgpu,
    /// An NVIDIA GPU.
    Cuda,
}

/// Which backend a user asked for.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum BackendChoice {
    /// The first of [`Backend::PRIORITY`] that is available.
    #[default]
    Auto,
    /// This one or none.
    Only(Backend),
}

/// Whether a backend can be used, and why.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct BackendProbe {
    /// The backend.
    pub backend: Backend,
    /// Whether it can be used.
    pub available: bool,
    /// Why, in a few words.
    pub reason: String,
}

/// A backend that cannot be used.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum BackendError {
    /// No backend has this name.
    #[error("unknown backend `{0}`, expected auto, native, cpu, ndarray, wgpu or cuda")]
    Unknown(String),
    /// It is not compiled in, or finds no device.
    #[error("backend `{backend}` is not available: {reason}")]
    Unavailable {
        /// The backend.
        backend: Backend,
        /// What its probe said.
        reason: String,
    },
    /// Nothing is compiled in.
    #[error("no backend is compiled in")]
    NoBackend,
}

impl Coded for BackendError {
    fn code(&self) -> ErrorCode {
        ErrorCode::DeployBackendUnsupported
    }
}

impl Backend {
    /// The order in which [`BackendChoice::Auto`] tries.
    pub const PRIORITY: [Self; 5] = [
        Self::Cuda,
        Self::Wgpu,
        Self::Native,
        Self::Cpu,
        Self::Ndarray,
    ];

    /// The name used on the command line and in receipts.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Native => "native",
            Self::Cpu => "cpu",
            Self::Ndarray => "ndarray",
            Self::Wgpu => "wgpu",
            Self::Cuda => "cuda",
        }
    }

    /// Which implementation computes the networks, as receipts record it.
    pub fn kernel(self) -> &'static str {
        match self {
            Self::Native => Kernel::detect().as_str(),
            Self::Cpu => "burn-flex",
            Self::Ndarray => "burn-ndarray",
            Self::Wgpu => "burn-wgpu",
            Self::Cuda => "burn-cuda",
        }
    }

    /// Looks whether the backend is compiled in and finds a device.
    pub fn probe(self) -> BackendProbe {
        let (available, reason) = match self.device() {
            None => (false, format!("not compiled in (feature `{self}`)")),
            Some(_) if self == Self::Native => {
                let threads = rayon::current_num_threads();
                (true, format!("{}, {threads} threads", Kernel::detect()))
            }
            Some(_) if matches!(self, Self::Cpu | Self::Ndarray) => {
                (true, format!("{} threads", rayon::current_num_threads()))
            }
            Some(device) => match first_computation(&device) {
                true => (true, "a first computation succeeded".to_owned()),
                false => (false, "no device answers".to_owned()),
            },
        };
        BackendProbe {
            backend: self,
            available,
            reason,
        }
    }

    /// Whether this program can use the backend at all.
    pub fn is_compiled_in(self) -> bool {
        self.device().is_some()
    }

    /// The devices beside that of [`BackendChoice::select`] that compute as it does: the NVIDIA GPUs after
    /// the first.
    pub fn more_devices(self) -> Vec<Device> {
        match self {
            #[cfg(feature = "cuda")]
            Self::Cuda => {
                let devices = Device::enumerate(burn::tensor::DeviceType::Cuda);
                devices.into_iter().skip(1).collect()
            }
            _ => Vec::new(),
        }
    }

    fn device(self) -> Option<Device> {
        match self {
            #[cfg(feature = "cpu")]
            Self::Native | Self::Cpu => Some(Device::flex()),
            #[cfg(feature = "ndarray")]
            #[expect(deprecated, reason = "kept behind its feature while Burn has it")]
            Self::Ndarray => Some(Device::ndarray()),
            #[cfg(feature = "wgpu")]
            Self::Wgpu => Some(Device::wgpu(burn::tensor::DeviceKind::DefaultDevice)),
            #[cfg(feature = "cuda")]
            Self::Cuda => Some(Device::cuda(0)),
            #[cfg(not(all(
                feature = "cpu",
                feature = "ndarray",
                feature = "wgpu",
                feature = "cuda"
            )))]
            _ => None,
        }
    }
}

/// Device libraries panic where there is no device, so a first product is tried and caught.
fn first_computation(device: &Device) -> bool {
    let device = device.clone();
    std::panic::catch_unwind(move || {
        let ones = burn::tensor::Tensor::<2>::ones([4, 4], &device);
        let product = ones.clone().matmul(ones).into_data();
        product.iter::<f32>().all(|value| value == 4.0)
    })
    .unwrap_or(false)
}

impl fmt::Display for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for BackendChoice {
    type Err = BackendError;

    fn from_str(name: &str) -> Result<Self, BackendError> {
        let name = name.to_ascii_lowercase();
        if name == "auto" {
            return Ok(Self::Auto);
        }
        let mut backends = Backend::PRIORITY.into_iter();
        let backend = backends.find(|backend| backend.as_str() == name);
        backend.map(Self::Only).ok_or(BackendError::Unknown(name))
    }
}

impl BackendChoice {
    /// Picks the backend and its device.
    ///
    /// # Errors
    ///
    /// [`BackendError::Unavailable`] when one was asked for by name and cannot be used, and
    /// [`BackendError::NoBackend`] when none is compiled in.
    pub fn select(self) -> Result<(Backend, Device), BackendError> {
        // Without instructions of its own for a CPU, the native kernel is slower than Burn's.
        let is_worth_it =
            |backend: &Backend| *backend != Backend::Native || Kernel::detect() != Kernel::PORTABLE;
        let candidates = match self {
            Self::Auto => {
                let candidates = Backend::PRIORITY.into_iter();
                candidates.filter(is_worth_it).collect()
            }
            Self::Only(backend) => vec![backend],
        };
        let mut refusal = BackendError::NoBackend;
        for backend in candidates {
            let BackendProbe {
                available, reason, ..
            } = backend.probe();
            match backend.device() {
                Some(device) if available => return Ok((backend, device)),
                _ if self == Self::Auto => {}
                _ => refusal = BackendError::Unavailable { backend, reason },
            }
        }
        Err(refusal)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_are_no_backend_are_refused() {
        for name in ["onnx", "coreml", "gpu"] {
            let error = name.parse::<BackendChoice>().unwrap_err();
            assert_eq!(error.code().exit_code(), 7, "{name}");
        }
        assert_eq!("CPU".parse(), Ok(BackendChoice::Only(Backend::Cpu)));
    }

    #[test]
    fn a_backend_that_is_not_compiled_in_says_so() {
        let probe = Backend::Cuda.probe();
        assert_eq!(probe.available, cfg!(feature = "cuda") && probe.available);
        if !cfg!(feature = "cuda") {
            assert_eq!(probe.reason, "not compiled in (feature `cuda`)");
        }
    }
}
