import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { parseJson, systemErrorCode } from 'agent-identity-core/http';
import { explainSchemaError } from 'agent-identity-core/wire';
import * as z from 'zod/mini';
import { type VerificationError, verificationError } from '../errors.js';

/** The settings file of the program. Paths in it start at its folder. */
export interface VerifierSettings {
  /** Where the proxy reaches the program. */
  listen: { host: string; port: number };
  /** The authority that knows the agents, and a file with the token of this service there. */
  authority?: { url: string; accessTokenFile: string } | undefined;
  /** A directory file, instead of an authority. */
  directoryFile?: string | undefined;
  /** As for `createAssertionVerifier`. */
  generations: (1 | 2)[];
  /** As for `createAssertionVerifier`. */
  accountMatch: 'required' | 'when_given';
  /** As for `forwardAuth`, which checks them. */
  rules: unknown[];
  /** As for `forwardAuth`, which checks them. */
  headers: Record<string, unknown>;
}

const nonEmpty = z.string().check(z.minLength(1));

const settingsSchema: z.ZodMiniType<VerifierSettings> = z.strictObject({
  listen: z._default(
    z.strictObject({ host: z._default(nonEmpty, '127.0.0.1'), port: z._default(portSchema(), 8700) }),
    { host: '127.0.0.1', port: 8700 },
  ),
  authority: z.optional(z.strictObject({ url: nonEmpty, accessTokenFile: nonEmpty })),
  directoryFile: z.optional(nonEmpty),
  generations: z._default(z.array(z.union([z.literal(1), z.literal(2)])), [1]),
  accountMatch: z._default(z.enum(['required', 'when_given']), 'required'),
  rules: z.array(z.unknown()),
  headers: z._default(z.record(z.string(), z.unknown()), {}),
});

function portSchema(): z.ZodMiniType<number> {
  return z.int().check(z.minimum(0), z.maximum(65_535));
}

/**
 * Reads a settings file.
 *
 * @throws AgentIdentityError `invalid_settings`
 */
export async function readVerifierSettings(path: string): Promise<VerifierSettings> {
  const json = parseJson(await readSettingFile(path, 'settings file'));
  if (json === undefined) throw invalidSettings('settings file: expected JSON');
  const { data, error } = settingsSchema.safeParse(json);
  if (data === undefined) throw invalidSettings(`settings file: ${explainSchemaError(error, json)}`);
  if ((data.authority === undefined) === (data.directoryFile === undefined)) {
    throw invalidSettings('settings file: expected either authority or directoryFile');
  }
  const absolute = (relative: string) => resolve(dirname(path), relative);
  const { authority, directoryFile } = data;
  return {
    ...data,
    ...(authority && { authority: { ...authority, accessTokenFile: absolute(authority.accessTokenFile) } }),
    ...(directoryFile !== undefined && { directoryFile: absolute(directoryFile) }),
  };
}

/**
 * Reads a file that a setting names. Its content may be a secret.
 *
 * @throws AgentIdentityError `invalid_settings`
 */
export async function readSettingFile(path: string, name: string): Promise<string> {
  try {
    return (await readFile(path, 'utf8')).trim();
  } catch (error) {
    throw invalidSettings(`${name}: cannot be read (${systemErrorCode(error) ?? 'unknown error'})`);
  }
}

function invalidSettings(message: string): VerificationError {
  return verificationError('invalid_settings', message);
}
