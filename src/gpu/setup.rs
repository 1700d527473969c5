//! Choosing a graphics driver, with limits that old machines keep.

use crate::text::Message;
use std::sync::Arc;

use eframe::egui_wgpu::{WgpuConfiguration, WgpuSetupCreateNew};
use eframe::wgpu;

/// Which driver is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Backend {
    /// Whatever works, hardware first.
    #[default]
    Auto,
    /// Vulkan.
    Vulkan,
    /// Direct3D 12.
    Dx12,
    /// OpenGL.
    Gl,
    /// A driver that draws on the processor.
    Cpu,
    /// None for the map: the window alone uses a driver.
    None,
}

impl Backend {
    /// Reads `auto`, `vulkan`, `dx12`, `gl`, `cpu` or `none`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "auto" => Self::Auto,
            "vulkan" => Self::Vulkan,
            "dx12" => Self::Dx12,
            "gl" => Self::Gl,
            "cpu" => Self::Cpu,
            "none" => Self::None,
            _ => return None,
        })
    }

    fn backends(self) -> wgpu::Backends {
        match self {
            Self::Auto | Self::Cpu | Self::None => wgpu::Backends::PRIMARY | wgpu::Backends::GL,
            Self::Vulkan => wgpu::Backends::VULKAN,
            Self::Dx12 => wgpu::Backends::DX12,
            Self::Gl => wgpu::Backends::GL,
        }
    }
}

/// The device every picture is drawn with: WebGL 2's limits on every driver, so that tests walk
/// the path that old machines use.
fn device_descriptor(adapter: &wgpu::Adapter) -> wgpu::DeviceDescriptor<'static> {
    let own = adapter.limits();
    wgpu::DeviceDescriptor {
        label: Some("menpai"),
        required_limits: wgpu::Limits {
            max_texture_dimension_2d: own.max_texture_dimension_2d,
            max_buffer_size: own.max_buffer_size,
            ..wgpu::Limits::downlevel_webgl2_defaults()
        },
        ..Default::default()
    }
}

/// Whether a driver draws on the processor. Microsoft's software adapter calls itself hardware;
/// its vendor number is 0x1414.
#[must_use]
pub fn is_software(info: &wgpu::AdapterInfo) -> bool {
    info.device_type == wgpu::DeviceType::Cpu || info.vendor == 0x1414
}

/// How good an adapter is: hardware before software, Vulkan and Direct3D before OpenGL.
fn rank(info: &wgpu::AdapterInfo, wanted: Backend) -> u32 {
    let device = match (is_software(info), matches!(wanted, Backend::Cpu | Backend::None)) {
        (true, true) | (false, false) => 0,
        _ => 10,
    };
    let backend = match info.backend {
        wgpu::Backend::Vulkan | wgpu::Backend::Metal => 0,
        wgpu::Backend::Dx12 => 1,
        _ => 2,
    };
    device + backend
}

/// The set-up for the window.
#[must_use]
pub fn window_setup(wanted: Backend) -> WgpuSetupCreateNew {
    let mut setup = WgpuSetupCreateNew::without_display_handle();
    setup.instance_descriptor.backends = wanted.backends();
    setup.native_adapter_selector = Some(Arc::new(move |adapters, surface| {
        adapters
            .iter()
            .filter(|a| surface.is_none_or(|s| a.is_surface_supported(s)))
            .min_by_key(|a| rank(&a.get_info(), wanted))
            .cloned()
            .ok_or_else(|| "no graphics driver fits".to_owned())
    }));
    setup.device_descriptor = Arc::new(device_descriptor);
    setup
}

/// Lets frames follow one another as fast as they are drawn, to measure them.
pub fn without_vsync(config: &mut WgpuConfiguration) {
    config.surface.present_mode = wgpu::PresentMode::AutoNoVsync;
}

/// A device without a window.
pub struct Headless {
    /// The device.
    pub device: wgpu::Device,
    /// Its queue.
    pub queue: wgpu::Queue,
    /// Which driver it is.
    pub adapter: wgpu::AdapterInfo,
}

/// Opens a device without a window.
///
/// # Errors
/// A sentence when there is no driver at all, or it refuses.
pub fn headless(wanted: Backend) -> Result<Headless, Message> {
    let instance = wgpu::Instance::new(wgpu::InstanceDescriptor {
        backends: wanted.backends(),
        ..wgpu::InstanceDescriptor::new_without_display_handle()
    });
    let adapters = pollster::block_on(instance.enumerate_adapters(wanted.backends()));
    let adapter = adapters
        .into_iter()
        .min_by_key(|a| rank(&a.get_info(), wanted))
        .ok_or("no graphics driver was found")?;
    let info = adapter.get_info();
    let (device, queue) = pollster::block_on(adapter.request_device(&device_descriptor(&adapter)))
        .map_err(Message::of)?;
    Ok(Headless { device, queue, adapter: info })
}
