// The basemap: areas as they are, lines as ribbons of a width in pixels.

struct Place {
    // Clip-space position of the mesh's origin, clip units per half extent.
    origin: vec2<f32>,
    scale: vec2<f32>,
    // Clip units per pixel.
    pixel: vec2<f32>,
    spare: vec2<f32>,
};
struct Style {
    colour: array<vec4<f32>, 8>,
    // Half width in pixels; below zero the class is hidden.
    half_width: array<vec4<f32>, 8>,
};

@group(0) @binding(0) var<uniform> place: Place;
@group(1) @binding(0) var<uniform> style: Style;

struct Corner {
    @builtin(position) position: vec4<f32>,
    @location(0) @interpolate(flat) colour: vec4<f32>,
};

@vertex
fn corner(
    @location(0) offset: vec2<i32>,
    @location(1) side: vec2<i32>,
    @location(2) class_: vec2<u32>,
) -> Corner {
    let index = min(class_.x, 7u);
    let half_width = style.half_width[index].x;
    let middle = place.origin + vec2<f32>(offset) / 32767.0 * place.scale;
    let out_by = vec2<f32>(side) / 8192.0 * half_width * place.pixel;
    var out: Corner;
    let at = vec4<f32>(middle + vec2<f32>(out_by.x, -out_by.y), 0.0, 1.0);
    out.position = select(at, vec4<f32>(2.0, 2.0, 0.0, 1.0), half_width < 0.0);
    let colour = style.colour[index];
    out.colour = vec4<f32>(colour.rgb * colour.a, colour.a);
    return out;
}

@fragment
fn paint(in: Corner) -> @location(0) vec4<f32> {
    return in.colour;
}
