import { chmod, mkdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  export interface ProvidedContext {
    /** A folder for files that the tests of one run share; deleted after the run. */
    readonly runFolder: string;
  }
}

/** All projects of a run are set up in one process, so they share the folder. */
const runFolder = join(tmpdir(), `agent-identity-tests-${process.pid}`);

/** The global set-up of a project that uses `inject('runFolder')` or `copyPreparedFolder`. */
export async function setup(project: TestProject): Promise<void> {
  await mkdir(runFolder, { recursive: true });
  // A Postgres server may run as another user and must reach its files.
  await chmod(runFolder, 0o755);
  project.provide('runFolder', runFolder);
}

export async function teardown(): Promise<void> {
  await rm(runFolder, { recursive: true, force: true });
}
