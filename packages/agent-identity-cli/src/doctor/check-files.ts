import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { getuid } from 'node:process';
import type { CodexLogin } from 'chatgpt-auth/node';
import { commandLineError } from '../errors.js';
import { type Finding, failed, passed } from './finding.js';

/** Checks that others cannot read the files with secrets. A file that is missing is no problem. */
export async function checkPermissions(paths: readonly string[]): Promise<Finding[]> {
  const findings = await Promise.all(paths.map(checkFile));
  return findings.filter((finding) => finding !== undefined);
}

async function checkFile(path: string): Promise<Finding | undefined> {
  const found = await stat(path).catch(() => undefined);
  // Windows has no such modes.
  if (found === undefined || getuid === undefined) return undefined;
  if (found.uid !== getuid() || (found.mode & 0o077) !== 0) {
    const mode = (found.mode & 0o777).toString(8);
    return failed(
      'permissions',
      commandLineError(
        'unsafe_permissions',
        `${path}: expected a file of this user with mode 600, got ${mode}`,
      ),
    );
  }
  return passed('permissions', `${path} is closed to others`);
}

/** Checks that a task or token could be saved. */
export async function checkWritable({ store, settings, origin }: CodexLogin): Promise<Finding | undefined> {
  if (origin === 'environment') return undefined;
  try {
    await store.requireWritable?.();
    return passed('store', `${store.location ?? settings.credentialsStore} can be written`);
  } catch (error) {
    return failed('store', error);
  }
}

export function authFileOf({ settings }: CodexLogin): string {
  return join(settings.codexHome, 'auth.json');
}
