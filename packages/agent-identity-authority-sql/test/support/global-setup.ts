import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  export interface ProvidedContext {
    /** A folder for whatever the tests of this run leave on the disk; gone after the run. */
    readonly runFolder: string;
  }
}

let runFolder: string;

export async function setup(project: TestProject): Promise<void> {
  runFolder = await mkdtemp(join(tmpdir(), 'aia-tests-'));
  // A Postgres server may run as another user, and has to get to its files.
  await chmod(runFolder, 0o755);
  project.provide('runFolder', runFolder);
}

export async function teardown(): Promise<void> {
  await rm(runFolder, { recursive: true, force: true });
}
