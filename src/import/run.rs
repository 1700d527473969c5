//! The way in: one file of any kind.

use crate::access::Stamp;
use crate::import::error::ImportError;
use crate::import::kind::Kind;
use crate::import::kinds::{basemap, buildings, grids, persons, places, rooms};
use crate::import::outcome::report::ImportReport;
use crate::import::request::{Request, Watch};
use crate::store::Workspace;

/// Imports a file. See the module's text.
///
/// # Errors
/// [`ImportError`] when the file as a whole is refused, the workspace is busy or read-only, or
/// the user cancels; the workspace is then as it was.
pub fn run(
    workspace: &Workspace,
    request: &Request,
    stamp: &Stamp,
    watch: &Watch<'_>,
) -> Result<ImportReport, ImportError> {
    match request.kind {
        Kind::Buildings => buildings::import_buildings(workspace, request, stamp, watch),
        Kind::Grids => grids::import_grids(workspace, request, stamp, watch),
        Kind::Basemap => basemap::import(workspace, request, stamp, watch),
        Kind::Rooms => rooms::import(workspace, request, stamp, watch),
        Kind::Persons => persons::import(workspace, request, stamp, watch),
        Kind::Enterprises | Kind::Events | Kind::Devices => {
            places::import(workspace, request, stamp, watch)
        }
    }
}
