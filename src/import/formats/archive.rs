//! ZIP archives that hold maps, with a limit on what they unpack to.

use std::fs::File;
use std::io::{BufReader, Read as _};
use std::path::Path;

use crate::import::error::ImportError;
use crate::import::formats::layer::{refused, unreadable};
use crate::import::guard;

/// An open archive.
pub(crate) struct Archive {
    zip: zip::ZipArchive<BufReader<File>>,
    names: Vec<String>,
    /// Bytes it may still unpack to.
    left: u64,
}

impl Archive {
    /// Opens an archive and reads its names.
    ///
    /// # Errors
    /// [`ImportError`] for a broken archive.
    pub(crate) fn open(path: &Path) -> Result<Self, ImportError> {
        let io = |e| ImportError::Io(path.to_owned(), e);
        let file = File::open(path).map_err(io)?;
        let bytes = file.metadata().map_err(io)?.len();
        let mut zip = zip::ZipArchive::new(BufReader::new(file)).map_err(unreadable)?;
        let mut names = Vec::with_capacity(zip.len());
        for index in 0..zip.len() {
            let entry = zip.by_index_raw(index).map_err(unreadable)?;
            let raw = entry.name_raw();
            // Names without a mark are in the code page of whoever packed them.
            let name = match std::str::from_utf8(raw) {
                Ok(name) => name.to_owned(),
                Err(_) => encoding_rs::GB18030.decode_without_bom_handling(raw).0.into_owned(),
            };
            // What macOS adds is no file of the layer.
            names.push(if name.contains("__MACOSX") { String::new() } else { name });
        }
        let left = guard::most_unpacked(
            bytes,
            crate::import::formats::layer::SMALL,
            crate::import::formats::layer::TIMES,
        );
        Ok(Self { zip, names, left })
    }

    /// Names of the files, in their order; empty for those that mean nothing.
    pub(crate) fn names(&self) -> &[String] {
        &self.names
    }

    /// The first file whose name ends so.
    pub(crate) fn ending(&self, endings: &[&str]) -> Option<usize> {
        let is_one = |name: &String| {
            let name = name.to_lowercase();
            endings.iter().any(|ending| name.ends_with(ending))
        };
        self.names.iter().position(is_one)
    }

    /// Size a file says that it unpacks to.
    pub(crate) fn size(&mut self, index: usize) -> usize {
        self.zip.by_index_raw(index).map_or(0, |entry| entry.size() as usize)
    }

    /// The first bytes of a file.
    ///
    /// # Errors
    /// [`ImportError`] for a broken archive.
    pub(crate) fn head(&mut self, index: usize, most: usize) -> Result<Vec<u8>, ImportError> {
        let mut bytes = Vec::new();
        let entry = self.zip.by_index(index).map_err(unreadable)?;
        entry.take(most as u64).read_to_end(&mut bytes).map_err(unreadable)?;
        Ok(bytes)
    }

    /// A file, unpacked.
    ///
    /// # Errors
    /// [`ImportError`] for a broken archive, and for one that unpacks to much more than it is.
    pub(crate) fn read(&mut self, index: usize) -> Result<Vec<u8>, ImportError> {
        let mut bytes = Vec::new();
        let entry = self.zip.by_index(index).map_err(unreadable)?;
        entry.take(self.left + 1).read_to_end(&mut bytes).map_err(unreadable)?;
        if bytes.len() as u64 > self.left {
            return Err(refused(
                "it would unpack to much more than an archive of its size holds; unpack it and \
                 choose the file inside",
            ));
        }
        self.left -= bytes.len() as u64;
        Ok(bytes)
    }
}
