import { open, rm } from 'node:fs/promises';
import { programError } from '../errors.js';
import type { CommandIo } from './command-io.js';

/** Where a command writes a new secret. Opened before the secret is made, because most failures show then. */
export interface SecretOutput {
  /** Writes what the authority answered, one member of which is the secret. */
  write<Result extends object>(result: Result, secretMember: keyof Result): Promise<void>;
  /** Removes what was created, unless the secret was written. */
  discard(): Promise<void>;
}

/** Opens the file for the secret, which only the user can read; without a path, all goes to standard output. */
export async function openSecretOutput(path: string | undefined, io: CommandIo): Promise<SecretOutput> {
  if (path === undefined) return { write: (result) => io.write(formatJson(result)), discard: async () => {} };
  // Never overwrites: an existing file may be readable by others, or hold another secret.
  const file = await open(path, 'wx', 0o600);
  let isWritten = false;
  return {
    async write(result, secretMember) {
      const { [secretMember]: secret, ...about } = result;
      await file.writeFile(`${secret}\n`);
      await file.sync();
      await file.close();
      await io.write(formatJson(about));
      isWritten = true;
    },
    async discard() {
      if (isWritten) return;
      await file.close();
      await rm(path, { force: true });
    },
  };
}

/**
 * Makes a secret and writes it. If it cannot be written, nobody has it, so it is revoked.
 *
 * @param thing Names the secret in the error, such as `identity`.
 * @throws AgentIdentityError `output_failed`, which says whether the secret was revoked
 */
export async function makeSecret<Result extends object>(
  output: SecretOutput,
  thing: string,
  steps: {
    readonly make: () => Promise<Result>;
    readonly secretMember: keyof Result;
    readonly idOf: (result: Result) => string;
    readonly revoke: (id: string) => Promise<unknown>;
  },
): Promise<void> {
  const result = await steps.make();
  try {
    await output.write(result, steps.secretMember);
  } catch (cause) {
    const id = steps.idOf(result);
    const outcome = await steps.revoke(id).then(
      () => `${id} was revoked`,
      () => `revoke ${id}, which is still active`,
    );
    const reason = cause instanceof Error ? cause.message : 'unknown reason';
    throw programError('output_failed', `the ${thing} could not be written (${reason}): ${outcome}`, {
      cause,
    });
  }
}

function formatJson(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
