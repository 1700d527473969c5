// Copies the map's texture, pixel for pixel, into the window.

@group(0) @binding(0) var source: texture_2d<f32>;

@vertex
fn corner(@builtin(vertex_index) index: u32) -> @builtin(position) vec4<f32> {
    // One triangle that covers the viewport.
    let x = f32(i32(index & 1u) * 4 - 1);
    let y = f32(i32(index >> 1u) * 4 - 1);
    return vec4<f32>(x, y, 0.0, 1.0);
}

struct Origin {
    at: vec2<i32>,
    spare: vec2<i32>,
};
@group(0) @binding(1) var<uniform> origin: Origin;

@fragment
fn paint(@builtin(position) at: vec4<f32>) -> @location(0) vec4<f32> {
    let size = vec2<i32>(textureDimensions(source));
    let pixel = clamp(vec2<i32>(at.xy) - origin.at, vec2<i32>(0), size - 1);
    return textureLoad(source, pixel, 0);
}
