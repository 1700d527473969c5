//! Columns as bytes, little-endian, each with its length before it; what is read back is looked at as something a
//! stranger may have written.

pub(super) fn put_len(bytes: &mut Vec<u8>, len: usize) {
    bytes.extend_from_slice(&(len as u32).to_le_bytes());
}

macro_rules! column {
    ($put:ident, $take:ident, $kind:ty) => {
        pub(super) fn $put(bytes: &mut Vec<u8>, values: &[$kind]) {
            put_len(bytes, values.len());
            bytes.extend(values.iter().flat_map(|value| value.to_le_bytes()));
        }

        pub(super) fn $take(bytes: &mut &[u8]) -> Option<Vec<$kind>> {
            const WIDTH: usize = size_of::<$kind>();
            let len = take_len(bytes)?;
            let body = bytes.split_off(..len.checked_mul(WIDTH)?)?;
            Some(
                body.chunks_exact(WIDTH)
                    .map_while(|part| Some(<$kind>::from_le_bytes(part.try_into().ok()?)))
                    .collect(),
            )
        }
    };
}

column!(put_u32, take_u32, u32);
column!(put_u16, take_u16, u16);
column!(put_u64, take_u64, u64);
column!(put_f32, take_f32, f32);

pub(super) fn put_u8(bytes: &mut Vec<u8>, values: &[u8]) {
    put_len(bytes, values.len());
    bytes.extend_from_slice(values);
}

pub(super) fn take_u8(bytes: &mut &[u8]) -> Option<Vec<u8>> {
    let len = take_len(bytes)?;
    Some(bytes.split_off(..len)?.to_vec())
}

pub(super) fn take_len(bytes: &mut &[u8]) -> Option<usize> {
    Some(u32::from_le_bytes(bytes.split_off(..4)?.try_into().ok()?) as usize)
}

/// Bytes with their checksum.
pub(super) fn sealed(mut bytes: Vec<u8>) -> Vec<u8> {
    let sum = crc32fast::hash(&bytes);
    bytes.extend_from_slice(&sum.to_le_bytes());
    bytes
}

/// Bytes without their checksum, if it is right.
pub(super) fn unsealed(bytes: &[u8]) -> Option<&[u8]> {
    let (body, sum) = bytes.split_last_chunk::<4>()?;
    (crc32fast::hash(body) == u32::from_le_bytes(*sum)).then_some(body)
}

/// A list of numbers with its length before it.
pub(super) fn put_numbers(bytes: &mut Vec<u8>, values: impl ExactSizeIterator<Item = i64>) {
    put_len(bytes, values.len());
    bytes.extend(values.flat_map(i64::to_le_bytes));
}

/// What [`put_numbers`] has written.
pub(super) fn take_numbers(bytes: &mut &[u8]) -> Option<Vec<i64>> {
    let len = take_len(bytes)?;
    let body = bytes.split_off(..len.checked_mul(8)?)?;
    Some(
        body.chunks_exact(8)
            .map_while(|part| Some(i64::from_le_bytes(part.try_into().ok()?)))
            .collect(),
    )
}
