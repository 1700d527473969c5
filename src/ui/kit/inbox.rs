//! What a thread brings back to the window.

use std::sync::{Arc, Mutex};

/// Results of file dialogs and pictures that threads bring back.
pub(crate) type Inbox<T> = Arc<Mutex<Option<T>>>;
