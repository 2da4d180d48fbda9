import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { isAgentIdentityError } from 'agent-identity-core';
import { requireKnownOptions, systemErrorCode } from 'agent-identity-core/http';
import { chatgptAuthError } from '../../errors.js';
import { parseInstallationId } from '../../runtime-agent-instances/parse-installation-id.js';
import { requireCodexHome } from '../codex-home.js';
import {
  type FileEffects,
  type FileSystem,
  type RuntimeFileEffects,
  resolveFileEffects,
} from '../file-effects.js';
import { waitForLock } from '../locks/client-locks.js';
import { withProcessLock } from '../locks/with-process-lock.js';
import { readRegularFile } from '../read-regular-file.js';

/** Options for {@link readOrCreateInstallationId}. */
export interface ReadOrCreateInstallationIdOptions {
  /** The published client's folder, created if it is missing. Default: `CODEX_HOME`, else `~/.codex`. */
  readonly codexHome?: string | undefined;
}

/** A real file has 36. */
const maxBytes = 64 * 1024;
const mode = 0o644;

/** How often, and for how long, an empty file is read again while its creator may be writing it. */
const pollMilliseconds = 50;
const maxPolls = 20;

/**
 * Reads the id of the installation from `$CODEX_HOME/installation_id`, or creates it, as the published client does
 * (docs/protocol-instances.md section 2). Every UUID that `parseInstallationId` reads is used, and the file keeps its
 * text. A missing file is created, and any other text is replaced, with a new UUID v4 in lower case, without a line end.
 * The mode becomes 0644. A symbolic link stays, and its target is written if it is empty or missing. **Ours**: the target of a
 * link that has another content is not overwritten.
 *
 * Processes that race agree on one id. Between processes of this package a lock in `chatgpt-auth-locks` decides; against
 * the published client its own `flock` on the file does, where `flock` is available.
 *
 * @returns the UUID in lower case with hyphens. It identifies the installation and is not a secret.
 * @throws AgentIdentityError `unreadable_installation_id` (a folder, not UTF-8, or a link to something else), `unwritable_installation_id`,
 * `lock_unavailable`, `invalid_argument`
 * @example
 * ```ts
 * import { readOrCreateInstallationId } from 'chatgpt-auth/node';
 *
 * const installationId = await readOrCreateInstallationId(); // 'c77b29af-1f5f-4e5c-a007-978c11d359e1'
 * ```
 */
export async function readOrCreateInstallationId(
  options: ReadOrCreateInstallationIdOptions = {},
  effects: FileEffects = {},
): Promise<string> {
  requireKnownOptions(options, ['codexHome'], 'options');
  const codexHome = requireCodexHome(options.codexHome);
  const runtimeEffects = resolveFileEffects(effects);
  const { fs } = runtimeEffects;
  const path = join(codexHome, 'installation_id');
  const existing = parseInstallationId(await readText(path, fs));
  if (existing === undefined) return createUnderLocks(codexHome, path, runtimeEffects);
  await restoreMode(path, fs);
  return existing;
}

/** Returns an empty text for a missing file. */
async function readText(path: string, fs: FileSystem): Promise<string> {
  const file = await readRegularFile(path, maxBytes, fs);
  if (file.kind === 'text') return file.text;
  if (file.kind === 'missing') return '';
  const options = file.kind === 'unreadable' ? { cause: file.cause } : {};
  const text = `${path}: ${file.reason}; it was not changed`;
  throw chatgptAuthError('unreadable_installation_id', text, options);
}

async function createUnderLocks(
  codexHome: string,
  path: string,
  effects: RuntimeFileEffects,
): Promise<string> {
  const { fs } = effects;
  try {
    await fs.mkdir(codexHome, { recursive: true });
    const lock = { directory: join(codexHome, 'chatgpt-auth-locks'), name: 'installation-id' };
    return await withProcessLock(lock, effects, () => create(path, effects));
  } catch (cause) {
    if (isAgentIdentityError(cause)) throw cause;
    const reason = systemErrorCode(cause) ?? 'unknown reason';
    const text = `${path}: it cannot be created or replaced (${reason})`;
    throw chatgptAuthError('unwritable_installation_id', text, { cause });
  }
}

/** Writes in place: the client locks the file itself, so a new file in its place would not be locked. */
async function create(path: string, effects: RuntimeFileEffects): Promise<string> {
  const { fs } = effects;
  const flock = await effects.flock();
  const before = await fs.lstat(path).catch(() => undefined);
  const file = await fs.open(path, constants.O_RDWR | constants.O_CREAT, mode);
  try {
    const isLocked = flock !== undefined && (await waitForLock(file, path, flock, effects));
    const text = await readWritten(path, !isLocked && before !== undefined, effects);
    const existing = parseInstallationId(text);
    if (existing === undefined && text !== '' && before?.isSymbolicLink()) {
      const reason = 'it is a symbolic link to a file with another content; that was not changed';
      throw chatgptAuthError('unreadable_installation_id', `${path}: ${reason}`);
    }
    return existing ?? (await write(file, randomUUID()));
  } finally {
    await file.close();
  }
}

/** Without `flock`, an empty file that was there may be one that the client has just created: gives it a second. */
async function readWritten(
  path: string,
  mayBeWritten: boolean,
  effects: RuntimeFileEffects,
): Promise<string> {
  const { fs, sleep } = effects;
  let text = await readText(path, fs);
  for (let poll = 0; mayBeWritten && text === '' && poll < maxPolls; poll += 1) {
    await sleep(pollMilliseconds);
    text = await readText(path, fs);
  }
  return text;
}

async function write(file: FileHandle, installationId: string): Promise<string> {
  await file.chmod(mode);
  await file.truncate(0);
  await file.write(installationId, 0);
  await file.sync();
  return installationId;
}

/** Sets the mode as the client does. Ignores a file whose mode must not be changed. */
async function restoreMode(path: string, fs: FileSystem): Promise<void> {
  const file = await fs.open(path, constants.O_RDONLY).catch(() => undefined);
  try {
    const stats = await file?.stat();
    if (stats !== undefined && (stats.mode & 0o777) !== mode) await file?.chmod(mode);
  } catch {
    // The id is usable anyway.
  } finally {
    await file?.close();
  }
}
