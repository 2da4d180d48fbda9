import { closeSync, fsyncSync, openSync } from 'node:fs';
import { NodeFS } from '@electric-sql/pglite/nodefs';

type FileSystemInit = NodeFS['init'];

/** The part of Emscripten's file system for Node that PGlite's own file systems use too. */
interface Emscripten {
  readonly NODEFS: {
    readonly stream_ops: { fsync?: (stream: Stream) => number };
    realPath(node: unknown): string;
  };
}

/** An open file has a Node descriptor; an open folder has none. */
interface Stream {
  readonly nfd?: number;
  readonly node: unknown;
}

/**
 * PGlite's file system on Node, with the `fsync` that it omits: when Postgres calls `fsync`, the data is on disk. Otherwise a power
 * failure could lose acknowledged changes, or corrupt the database.
 */
export class SyncingNodeFs extends NodeFS {
  override async init(...[postgres, options]: Parameters<FileSystemInit>): ReturnType<FileSystemInit> {
    const { emscriptenOpts } = await super.init(postgres, options);
    const preRun = [emscriptenOpts.preRun ?? []].flat();
    return { emscriptenOpts: { ...emscriptenOpts, preRun: [...preRun, addFsync as never] } };
  }
}

/** The settings that make Postgres call `fsync`, the only such system call that PGlite passes on. */
export const syncingSettings: readonly string[] = ['fsync=on', 'wal_sync_method=fsync'];

function addFsync({ NODEFS }: Emscripten): void {
  NODEFS.stream_ops.fsync = ({ nfd, node }) => {
    if (nfd !== undefined) fsyncSync(nfd);
    else syncFolder(NODEFS.realPath(node));
    return 0;
  };
}

function syncFolder(path: string): void {
  const descriptor = openSync(path, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
