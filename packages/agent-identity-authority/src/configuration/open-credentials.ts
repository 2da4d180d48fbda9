import {
  type ActorAuthenticator,
  type CredentialDigest,
  type CredentialIntrospectionEffects,
  credentialDigests,
  credentialIntrospection,
} from 'agent-identity-authority-core';
import * as z from 'zod';
import { programError } from '../errors.js';
import type { CredentialSettings } from './configuration.js';
import { readToml } from './read-configuration.js';
import { readSecretFile } from './read-configuration-file.js';

/**
 * Creates the configured look-up of API keys or of personal access tokens.
 *
 * @returns `undefined` if none is configured
 * @throws AgentIdentityError `invalid_configuration`, `invalid_argument`, `insecure_url`
 */
export async function openCredentials(
  section: string,
  { digestsFile, introspectionUrl, introspectionTokenFile }: CredentialSettings,
  { fetch }: CredentialIntrospectionEffects,
): Promise<ActorAuthenticator | undefined> {
  if (digestsFile !== undefined && introspectionUrl !== undefined) {
    throw invalid(`${section}.digestsFile and ${section}.introspectionUrl: expected one of them, got both`);
  }
  if (introspectionTokenFile !== undefined && introspectionUrl === undefined) {
    throw invalid(`${section}.introspectionUrl: required with ${section}.introspectionTokenFile`);
  }
  if (digestsFile !== undefined) return credentialDigests(await readDigests(digestsFile));
  if (introspectionUrl === undefined) return undefined;
  const accessToken =
    introspectionTokenFile === undefined ? undefined : await readSecretFile(introspectionTokenFile);
  return credentialIntrospection({ url: introspectionUrl, accessToken }, { fetch });
}

const id = z.string().max(512);

const fileSchema: z.ZodType<{ credentials: readonly CredentialDigest[] }> = z.strictObject({
  credentials: z
    .array(
      z.strictObject({
        sha256: z.string().regex(/^[0-9a-f]{64}$/),
        actor: z.discriminatedUnion('kind', [
          z.strictObject({ kind: z.literal('chatgpt'), userId: id, accountId: id }),
          z.strictObject({
            kind: z.literal('platform'),
            userId: id,
            organizationId: id,
            // TOML has no null.
            projectId: id.optional().transform((projectId) => projectId ?? null),
          }),
        ]),
        active: z.boolean().optional(),
      }),
    )
    .min(1),
});

async function readDigests(file: string): Promise<readonly CredentialDigest[]> {
  const result = fileSchema.safeParse(await readToml(file));
  if (result.success) return result.data.credentials;
  const members = result.error.issues.map(({ path }) => path.join('.') || 'the file');
  throw invalid(`${file}: invalid members: ${members.join(', ')}`);
}

function invalid(message: string): Error {
  return programError('invalid_configuration', message);
}
