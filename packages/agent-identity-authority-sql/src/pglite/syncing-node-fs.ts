import { closeSync, fsyncSync, openSync } from 'node:fs';
import { NodeFS } from '@electric-sql/pglite/nodefs';

type FileSystemInit = NodeFS['init'];

/** The part of Emscripten's file system for Node that PGlite's own file systems work with too. */
interface Emscripten {
  readonly NODEFS: {
    readonly stream_ops: { fsync?: (stream: Stream) => number };
    realPath(node: unknown): string;
  };
}

/** An open file has a descriptor of Node's; an open folder has none. */
interface Stream {
  readonly nfd?: number;
  readonly node: unknown;
}

/**
 * PGlite's file system on Node, with the one thing that it leaves out: when Postgres asks for what it has written to be
 * on the disk, it is. Without that, a power failure could take what was acknowledged, or spoil the database.
 */
export class SyncingNodeFs extends NodeFS {
  override async init(...[postgres, options]: Parameters<FileSystemInit>): ReturnType<FileSystemInit> {
    const { emscriptenOpts } = await super.init(postgres, options);
    const preRun = [emscriptenOpts.preRun ?? []].flat();
    return { emscriptenOpts: { ...emscriptenOpts, preRun: [...preRun, syncFiles as never] } };
  }
}

/** The settings that make Postgres ask for it, by the one system call that PGlite passes on. */
export const syncingSettings: readonly string[] = ['fsync=on', 'wal_sync_method=fsync'];

function syncFiles({ NODEFS }: Emscripten): void {
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
