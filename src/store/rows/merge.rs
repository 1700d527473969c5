//! The one form in which rows are merged: an update that happens only where it changes something,
//! so that the number of changed rows tells whether the record said anything new.

/// What a column becomes: `given` a value of the record, it is taken, and kept where the record says
/// nothing; or it becomes a value whatever was there.
macro_rules! merged {
    ($column:ident, given $value:literal) => {
        concat!("coalesce(", $value, ", ", stringify!($column), ")")
    };
    ($column:ident, always $value:literal) => {
        $value
    };
}
pub(super) use merged;

/// `UPDATE` of the row that `where` finds, if any column of the first list changes; those of the
/// second follow without making a difference of their own.
macro_rules! merge_sql {
    (
        $table:ident where $key:literal:
        $first:ident $how:ident $value:literal
        $(, $column:ident $other_how:ident $other_value:literal)*
        $(; $follower:ident $follower_how:ident $follower_value:literal)*
    ) => {
        concat!(
            "UPDATE ", stringify!($table), " SET ",
            stringify!($first), " = ", $crate::store::rows::merge::merged!($first, $how $value),
            $(
                ", ", stringify!($column), " = ",
                $crate::store::rows::merge::merged!($column, $other_how $other_value),
            )*
            $(
                ", ", stringify!($follower), " = ",
                $crate::store::rows::merge::merged!($follower, $follower_how $follower_value),
            )*
            " WHERE ", $key, " AND (",
            stringify!($first), " IS NOT ",
            $crate::store::rows::merge::merged!($first, $how $value),
            $(
                " OR ", stringify!($column), " IS NOT ",
                $crate::store::rows::merge::merged!($column, $other_how $other_value),
            )*
            ")"
        )
    };
}
pub(super) use merge_sql;

#[cfg(test)]
mod tests {
    #[test]
    fn an_update_that_changes_nothing_touches_no_row() {
        let sql = merge_sql!(grid where "grid_id = ?1": name given "?2", leader always "?3"; code given "?4");
        assert_eq!(
            sql,
            "UPDATE grid SET name = coalesce(?2, name), leader = ?3, code = coalesce(?4, code) \
             WHERE grid_id = ?1 AND (name IS NOT coalesce(?2, name) OR leader IS NOT ?3)"
        );
    }
}
