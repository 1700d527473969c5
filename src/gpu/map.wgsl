// Buildings: fills and outlines. One byte of state a building, read from a texture.

struct View {
    // Clip-space position of the chunk's origin, and clip units per half extent.
    origin: vec2<f32>,
    scale: vec2<f32>,
    // Slot of the chunk's first building; row of the palette: 0 fill, 1 outline, 2 shadow; padding.
    first: u32,
    row: u32,
    opacity: f32,
    spare: u32,
};

@group(0) @binding(0) var<uniform> view: View;
@group(1) @binding(0) var states: texture_2d<u32>;
@group(1) @binding(1) var palette: texture_2d<f32>;

struct Corner {
    @builtin(position) position: vec4<f32>,
    @location(0) @interpolate(flat) colour: vec4<f32>,
};

const STATES_WIDTH: u32 = 2048u;

@vertex
fn corner(@location(0) offset: vec2<i32>, @location(1) feature: vec2<u32>) -> Corner {
    let size = textureDimensions(states);
    let slot = min(view.first + feature.x, size.x * size.y - 1u);
    let class_ = textureLoad(states, vec2<u32>(slot % STATES_WIDTH, slot / STATES_WIDTH), 0).r;
    let colour = textureLoad(palette, vec2<u32>(min(class_, 255u), view.row), 0);
    var out: Corner;
    let at = view.origin + vec2<f32>(offset) / 32767.0 * view.scale;
    // Class 0 is hidden: all corners fall on one point and nothing is drawn.
    out.position = select(vec4<f32>(at, 0.0, 1.0), vec4<f32>(2.0, 2.0, 0.0, 1.0), class_ == 0u);
    let alpha = colour.a * view.opacity;
    out.colour = vec4<f32>(colour.rgb * alpha, alpha);
    return out;
}

@fragment
fn paint(in: Corner) -> @location(0) vec4<f32> {
    return in.colour;
}
