//! Enterprises.

use crate::domain::codes::key;
use crate::domain::records::{EnterpriseRecord, Place};

/// An enterprise without a place yet.
pub(super) fn enterprise(
    name: String,
    uscc: String,
    kind: i64,
    industry: &str,
) -> EnterpriseRecord {
    EnterpriseRecord {
        uscc: Some(uscc),
        name,
        kind: Some(kind),
        industry: Some(industry.to_owned()),
        place: Place::default(),
        contact: None,
        phone: None,
        employees: None,
        status: Some(key::ENTERPRISE_OPEN),
    }
}
