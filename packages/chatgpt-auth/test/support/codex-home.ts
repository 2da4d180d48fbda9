import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

export interface CodexHome {
  readonly path: string;
  readonly authFile: string;
  write(text: string | Uint8Array): Promise<void>;
  read(): Promise<string>;
}

/** A folder like the published client's, until the test is over. */
export async function codexHome(authJson?: string): Promise<CodexHome> {
  const path = await mkdtemp(join(tmpdir(), 'chatgpt-auth-'));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  const authFile = join(path, 'auth.json');
  const home: CodexHome = {
    path,
    authFile,
    write: (text) => writeFile(authFile, text, { mode: 0o600 }),
    read: () => readFile(authFile, 'utf8'),
  };
  if (authJson !== undefined) await home.write(authJson);
  return home;
}
