import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder } from 'test-support';

export interface CodexHome {
  readonly path: string;
  readonly authFile: string;
  write(text: string | Uint8Array): Promise<void>;
  read(): Promise<string>;
}

/** A folder like that of the published client, until the test is over. */
export async function codexHome(authJson?: string): Promise<CodexHome> {
  const path = await temporaryFolder();
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
