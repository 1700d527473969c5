// Raster tiles: quads whose corners were placed in f64.

struct Corner {
    @builtin(position) at: vec4<f32>,
    @location(0) part: vec2<f32>,
    @location(1) opacity: f32,
}

@group(0) @binding(0) var picture: texture_2d<f32>;
@group(0) @binding(1) var smooth_sampler: sampler;

@vertex
fn corner(@location(0) at: vec2<f32>, @location(1) part: vec2<f32>, @location(2) opacity: f32) -> Corner {
    return Corner(vec4<f32>(at, 0.0, 1.0), part, opacity);
}

@fragment
fn paint(in: Corner) -> @location(0) vec4<f32> {
    let colour = textureSample(picture, smooth_sampler, in.part);
    let alpha = colour.a * in.opacity;
    return vec4<f32>(colour.rgb * alpha, alpha);
}
