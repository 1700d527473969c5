//! Whether a file lies on a network share, where WAL's shared memory does not work.

use std::path::Path;

/// Whether the path is on a network file system: a UNC path, or a mount that `/proc/mounts`
/// calls NFS, SMB and the like. Unknown systems count as local.
#[must_use]
pub fn is_network_path(path: &Path) -> bool {
    let text = path.to_string_lossy();
    if text.starts_with(r"\\") && !text.starts_with(r"\\?\") {
        return true;
    }
    let Ok(mounts) = std::fs::read_to_string("/proc/mounts") else { return false };
    let full = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    mount_type(&mounts, &full.to_string_lossy()).is_some_and(is_network_type)
}

fn mount_type<'a>(mounts: &'a str, path: &str) -> Option<&'a str> {
    mounts
        .lines()
        .filter_map(|line| {
            let mut words = line.split(' ');
            let at = words.nth(1)?;
            let kind = words.next()?;
            let inside = at == "/" || path == at || path.starts_with(&format!("{at}/"));
            inside.then_some((at.len(), kind))
        })
        .max_by_key(|(length, _)| *length)
        .map(|(_, kind)| kind)
}

fn is_network_type(kind: &str) -> bool {
    ["nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "fuse.sshfs", "fuse.rclone", "davfs"]
        .contains(&kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_mount_decides() {
        let mounts = "/dev/vda / ext4 rw 0 0\nnas:/x /mnt/nas nfs4 rw 0 0\n";
        let check = |path: &str, network: bool| {
            assert_eq!(mount_type(mounts, path).is_some_and(is_network_type), network, "{path}");
        };
        check("/mnt/nas/a.gpkg", true);
        check("/mnt/nasty/a.gpkg", false);
        check("/home/a.gpkg", false);
        assert!(is_network_path(Path::new(r"\\server\share\a.gpkg")));
    }
}
