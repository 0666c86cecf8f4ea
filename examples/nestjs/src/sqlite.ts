// The event log in one SQLite file.
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'libsql';
import type { NewEvent, StoredEvent } from './event.js';
import { EventLog } from './log.js';

type Row = { id: number; at: string; event: string };

export class SqliteLog extends EventLog {
  private readonly database: Database.Database;
  private readonly listeners = new Set<() => void>();
  private readonly insert: (at: string, event: string) => number;
  private readonly page: Database.Statement;
  private readonly bounds: Database.Statement;

  constructor(file: string, keep: number) {
    super();
    mkdirSync(dirname(file), { recursive: true });
    this.database = new Database(file);
    this.database.pragma('journal_mode = WAL');
    // Each commit reaches the disk before it is acknowledged.
    this.database.pragma('synchronous = FULL');
    // AUTOINCREMENT: an id is not given out again after its event was removed. The event is JSON text, which escapes
    // the NUL at which a text column would end.
    this.database.exec(
      'CREATE TABLE IF NOT EXISTS events (id INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, event TEXT NOT NULL)',
    );
    const add = this.database.prepare('INSERT INTO events (at, event) VALUES (?, ?)');
    const forget = this.database.prepare('DELETE FROM events WHERE id <= ?');
    this.insert = this.database.transaction((at: string, event: string) => {
      const id = Number(add.run(at, event).lastInsertRowid);
      forget.run(id - keep);
      return id;
    });
    this.page = this.database.prepare('SELECT id, at, event FROM events WHERE id > ? ORDER BY id LIMIT ?');
    this.bounds = this.database.prepare(
      'SELECT (SELECT min(id) FROM events) AS oldest, (SELECT max(id) FROM events) AS newest',
    );
  }

  override async append(event: NewEvent, at: Date): Promise<StoredEvent> {
    const id = this.insert(at.toISOString(), JSON.stringify(event));
    for (const listener of this.listeners) listener();
    return { id, at: at.toISOString(), ...event };
  }

  override async after(id: number, limit: number): Promise<StoredEvent[]> {
    const rows = this.page.all(id, limit) as Row[];
    return rows.map((row) => ({ id: row.id, at: row.at, ...(JSON.parse(row.event) as NewEvent) }));
  }

  override async range(): Promise<{ oldest: number; newest: number }> {
    const { oldest, newest } = this.bounds.get() as { oldest: number | null; newest: number | null };
    return { oldest: oldest ?? 1, newest: newest ?? 0 };
  }

  override subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  onApplicationShutdown(): void {
    // Closing alone would leave the newest events in the -wal file beside the database.
    this.database.pragma('wal_checkpoint(TRUNCATE)');
    this.database.close();
  }
}
