import * as z from 'zod';
import { type EpochMilliseconds, instantSchema, toInstant } from '../instant.js';
import type { StoredSigningKey } from './signing-key-store.js';
import { isPublished, publicationTime, type RotateSigningKeyOptions } from './signing-keys.js';

/** A signing key in the administration API, without its private half. */
export interface AdminSigningKey {
  kid: string;
  created_at: string;
  /** The key signs from this time until a newer key does. */
  active_from: string;
  /** The JWKS lists the key until this time; null for the newest key. */
  published_until: string | null;
  published: boolean;
}

const adminSigningKeySchema: z.ZodType<AdminSigningKey> = z.object({
  kid: z.string(),
  created_at: instantSchema,
  active_from: instantSchema,
  published_until: instantSchema.nullable(),
  published: z.boolean(),
});

/** All signing keys, oldest first. */
export interface AdminSigningKeys {
  signing_keys: AdminSigningKey[];
}

/** The schema of {@link AdminSigningKeys}. */
export const adminSigningKeysSchema: z.ZodType<AdminSigningKeys> = z.object({
  signing_keys: z.array(adminSigningKeySchema),
});

/** The timing of a rotation; see `RotateSigningKeyOptions`. */
export interface RotateSigningKeyRequest {
  activate_after_seconds?: number | undefined;
  overlap_seconds?: number | undefined;
}

/** The schema of {@link RotateSigningKeyRequest}. It refuses unknown members. */
export const rotateSigningKeyRequestSchema: z.ZodType<RotateSigningKeyRequest> = z.strictObject({
  activate_after_seconds: z
    .int()
    .nonnegative()
    .optional()
    .meta({ description: 'How long the new key is published before it signs; 0 by default.' }),
  overlap_seconds: z.int().nonnegative().optional().meta({
    description:
      'How long the old keys stay published after that; by default as long as a JWT that they signed can be valid. Use 0 for a key that leaked.',
  }),
});

/** The id of the new signing key. */
export interface RotateSigningKeyResponse {
  kid: string;
}

/** The schema of {@link RotateSigningKeyResponse}. */
export const rotateSigningKeyResponseSchema: z.ZodType<RotateSigningKeyResponse> = z.object({
  kid: z.string(),
});

/**
 * Converts a request to the options of `Authority.rotateSigningKey`.
 *
 * @example
 * ```ts
 * import { toRotateOptions } from 'agent-identity-authority-core/admin-wire';
 *
 * toRotateOptions({ activate_after_seconds: 900 }); // { activateAfterSeconds: 900, overlapSeconds: undefined }
 * ```
 */
export function toRotateOptions(request: RotateSigningKeyRequest): RotateSigningKeyOptions {
  return {
    activateAfterSeconds: request.activate_after_seconds,
    overlapSeconds: request.overlap_seconds,
  };
}

/**
 * Converts the signing keys of a store to their form in responses, without their private halves.
 *
 * @param now Epoch milliseconds.
 * @example
 * ```ts
 * import { memoryStore } from 'agent-identity-authority-core';
 * import { toAdminSigningKeys } from 'agent-identity-authority-core/admin-wire';
 *
 * toAdminSigningKeys(await memoryStore().listSigningKeys(), Date.now()); // { signing_keys: [] }
 * ```
 */
export function toAdminSigningKeys(
  keys: readonly StoredSigningKey[],
  now: EpochMilliseconds,
): AdminSigningKeys {
  const time = publicationTime(keys, now);
  return { signing_keys: keys.map((key) => toAdminSigningKey(key, time)) };
}

function toAdminSigningKey(key: StoredSigningKey, now: EpochMilliseconds): AdminSigningKey {
  return {
    kid: key.kid,
    created_at: toInstant(key.createdAt),
    active_from: toInstant(key.activeFrom),
    published_until: toInstant(key.publishedUntil),
    published: isPublished(key, now),
  };
}
