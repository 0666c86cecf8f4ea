// What crosses the border between core and window, as its Rust types serialise.

export type Code = "invalid_url" | "invalid_name" | "duplicate_name" | "invalid_header" | "invalid_option" | "cleartext_secret" | "not_found" | "too_many" | "locked" | "not_saved" | "read_only" | "history_unavailable" | "toasts_unavailable" | "internal";

export type CauseCode = "dns" | "refused" | "unreachable" | "header_timeout" | "tls" | "broken" | "closed" | "idle" | "server_stop" | "unauthorized" | "forbidden" | "not_found" | "try_later" | "server_error" | "unexpected_status" | "not_event_stream" | "content_encoding" | "redirect_refused" | "bad_redirect" | "cleartext_secret" | "bad_option" | "protocol" | "internal";

export type Severity = "low" | "normal" | "high" | "critical";

export type Delivery = "pending" | "shown" | "digest" | "held" | "quiet" | "rate_capped" | "refused" | "paused";

export type Language = "system" | "en" | "ko";

export type Theme = "system" | "light" | "dark";

export type SourceId = string;

export type RowId = number;

export type Millis = number;

export type CommandError = { code: Code, message: string, detail: string | null };

export type Cause = { code: CauseCode, message: string, status: number | null };

export type SourceState = { "state": "paused" } | { "state": "connecting", attempt: number } | { "state": "live", since: Millis, last_byte: Millis } | { "state": "waiting", attempt: number, until: Millis, cause: Cause } | { "state": "stopped", since: Millis, cause: Cause };

export type EventFilter = { "mode": "all" } | { "mode": "only", "types": Array<string> } | { "mode": "not", "types": Array<string> };

export type Preferences = { language: Language, theme: Theme, toasts_paused: boolean, close_explained: boolean };

export type SourceView = { id: SourceId, name: string, url: string, enabled: boolean, events: EventFilter, header_names: Array<string>, allow_cleartext_secrets: boolean, state: SourceState, unread: number, last_event_at: Millis | null };

export type Row = { row: RowId, source: SourceId, event: string, title: string, preview: string, severity: Severity, received_at: Millis, read: boolean, delivery: Delivery };

export type EventDetail = { full_title: string, body: string, data: string, own_id: string | null, url: string | null, replayed: boolean, truncated: boolean, delivery_detail: string | null } & Row;

export type Page = { rows: Array<Row>, more: boolean };

export type PageRequest = { source: SourceId | null, before: RowId | null, unread: boolean, quiet: boolean, query: string | null, limit: number };

export type Trouble = { "kind": "settings_lost", copies: Array<string> } | { "kind": "settings_read_only" } | { "kind": "history_unavailable", message: string } | { "kind": "toasts_unavailable", message: string };

export type Snapshot = { sources: Array<SourceView>, preferences: Preferences, system_language: string, troubles: Array<Trouble>, page: Page, unread: number, version: string };

export type Update = { "kind": "rows", rows: Array<Row> } | { "kind": "delivered", row: RowId, delivery: Delivery } | { "kind": "read", rows: Array<RowId> | null, read: boolean } | { "kind": "source", source: SourceView } | { "kind": "source_removed", id: SourceId } | { "kind": "preferences", preferences: Preferences } | { "kind": "troubles", troubles: Array<Trouble> } | { "kind": "open", row: RowId } | { "kind": "resync" };

export type HeaderInput = { name: string, value: string | null };

export type SourceInput = { name: string, url: string, headers: Array<HeaderInput>, events: EventFilter, allow_cleartext_secrets: boolean };
