//! Areas of grids.

use crate::msg;
use std::collections::HashMap;

use crate::access::Stamp;
use crate::domain::records::GridRecord;
use crate::import::kinds::features::{
    EXTRA, ReadFeatures, geometry_code, note_grids, read, slots_of,
};
use crate::import::outcome::apply::{apply, count};
use crate::import::{ImportError, ImportReport, Kind, Request, Severity, Watch};
use crate::store::{Workspace, gpkg, lookup, rows};
pub(crate) fn import_grids(
    workspace: &Workspace,
    request: &Request,
    stamp: &Stamp,
    watch: &Watch<'_>,
) -> Result<ImportReport, ImportError> {
    debug_assert_eq!(request.kind, Kind::Grids);
    let (slots, by_field) = slots_of(request, &EXTRA)?;
    let near = lookup::building_bounds(&*workspace.reader()?)?;
    let ReadFeatures { features, mut report } =
        read(request, (&slots, &by_field), near.as_ref(), watch)?;
    let mut first_with: HashMap<String, u64> = HashMap::new();
    let mut records = Vec::new();
    for (number, feature, outline) in features {
        let get =
            |field: &str| by_field.get(field).and_then(|&slot| feature.properties[slot].clone());
        let code = get("code")
            .or_else(|| feature.id.clone())
            .or_else(|| get("osm_id"))
            .unwrap_or_else(|| geometry_code(&outline));
        if let Some(first) = first_with.get(&code) {
            let reason = msg!("feature {} has the same code; give each grid its own", first);
            report.add(number, "code", &code, Severity::Held, reason);
            continue;
        }
        first_with.insert(code.clone(), number);
        records.push(GridRecord { code, name: get("name"), leader: get("leader"), outline });
    }
    apply(workspace, request, stamp, report, |tx, _, report| {
        for record in &records {
            let (_, outcome) = rows::upsert_grid(tx, record)?;
            count(&mut report.counts, outcome);
        }
        let joined = lookup::assign_grids(tx)?;
        note_grids(report, joined);
        report.sort();
        gpkg::refresh_contents(tx, "grid", stamp.at)
    })
}
