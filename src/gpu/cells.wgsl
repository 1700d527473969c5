// Cells: the picture of a grid fixed to the world, stretched over the map.

struct Place {
    // Cell at a pixel = origin + pixel × step, in cells from the picture's first one.
    origin: vec2<f32>,
    step: vec2<f32>,
    // Size of the picture in the texture, cells.
    size: vec2<f32>,
    // One over the size of the texture.
    texel: vec2<f32>,
};

@group(0) @binding(0) var<uniform> place: Place;
@group(0) @binding(1) var cells: texture_2d<f32>;
@group(0) @binding(2) var smoothing: sampler;

@vertex
fn corner(@builtin(vertex_index) index: u32) -> @builtin(position) vec4<f32> {
    let x = f32(i32(index & 1u) * 4 - 1);
    let y = f32(i32(index >> 1u) * 4 - 1);
    return vec4<f32>(x, y, 0.0, 1.0);
}

@fragment
fn paint(@builtin(position) at: vec4<f32>) -> @location(0) vec4<f32> {
    let cell = place.origin + at.xy * place.step;
    let inside = clamp(cell, vec2<f32>(0.5), place.size - 0.5);
    return textureSampleLevel(cells, smoothing, inside * place.texel, 0.0);
}
