import { randomUUID } from 'node:crypto';
import { type FileHandle, link, lstat, open, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { systemErrorCode } from 'agent-identity-core/http';
import { commandLineError } from '../errors.js';

/** A place for a secret that does not exist yet. */
export interface ReservedSecretFile {
  /** Writes the secret, up to 64 KiB. The file exists from then on, complete. */
  write(secret: string): Promise<void>;
  /** Removes what was reserved. Has no effect after `write`. */
  discard(): Promise<void>;
}

const reservedBytes = 65_536;

/**
 * Writes a secret to a new file with mode 0600. A file that exists is never overwritten.
 *
 * @throws AgentIdentityError `unwritable_file`
 */
export async function writeSecretFile(path: string, secret: string): Promise<void> {
  const file = await reserveSecretFile(path);
  try {
    await file.write(secret);
  } finally {
    await file.discard();
  }
}

/**
 * Makes sure that a secret can be written to a new file, before something is spent for it: checks the folder, the permissions and
 * the room on the disk.
 *
 * @throws AgentIdentityError `unwritable_file`
 */
export async function reserveSecretFile(path: string): Promise<ReservedSecretFile> {
  const reserved = join(dirname(path), `.${randomUUID()}.tmp`);
  if (await exists(path)) throw unwritable(path, 'EEXIST');
  const file = await open(reserved, 'wx', 0o600).catch((error: unknown) => {
    throw unwritable(path, systemErrorCode(error));
  });
  let isOpen = true;
  const discard = async () => {
    if (!isOpen) return;
    isOpen = false;
    await file.close();
    await unlink(reserved).catch(() => {});
  };
  const orDiscard = async (work: () => Promise<void>) => {
    try {
      await work();
    } catch (error) {
      await discard();
      throw unwritable(path, systemErrorCode(error));
    }
  };
  await orDiscard(() => overwrite(file, Buffer.alloc(reservedBytes)));
  return {
    async write(secret) {
      await orDiscard(async () => {
        await overwrite(file, Buffer.from(secret));
        await link(reserved, path);
      });
      await discard();
    },
    discard,
  };
}

async function overwrite(file: FileHandle, content: Buffer): Promise<void> {
  await file.write(content, 0, content.length, 0);
  await file.truncate(content.length);
  await file.sync();
}

function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}

function unwritable(path: string, code = 'unknown reason'): Error {
  const reason = code === 'EEXIST' ? 'it exists and is not overwritten' : `it cannot be written (${code})`;
  return commandLineError('unwritable_file', `${path}: ${reason}`);
}
