import * as z from 'zod';
import type { EpochMilliseconds } from '../instant.js';
import { instantSchema, toInstant } from '../instant.js';
import type { StoredSigningKey } from './signing-key-store.js';

/** A signing key, as administrators see it: never its private half. */
export interface AdminSigningKey {
  kid: string;
  created_at: string;
  /** It signs from here on, until a newer one does. */
  active_from: string;
  /** The JWKS holds it until then; null while nothing replaces it. */
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

export interface AdminSigningKeys {
  signing_keys: AdminSigningKey[];
}

export const adminSigningKeysSchema: z.ZodType<AdminSigningKeys> = z.object({
  signing_keys: z.array(adminSigningKeySchema),
});

/** How one signing key gives way to the next; see `SigningKeyRotation`. */
export interface RotateSigningKeyRequest {
  activate_after_seconds?: number | undefined;
  overlap_seconds?: number | undefined;
}

export const rotateSigningKeyRequestSchema: z.ZodType<RotateSigningKeyRequest> = z.strictObject({
  activate_after_seconds: z
    .int()
    .nonnegative()
    .optional()
    .meta({ description: 'How long the new key is published before it signs; 0 by default.' }),
  overlap_seconds: z.int().nonnegative().optional().meta({
    description:
      'How long the old keys stay published after that; by default as long as what they signed can be valid. 0 is for a key that is known to others.',
  }),
});

export interface RotateSigningKeyResponse {
  kid: string;
}

export const rotateSigningKeyResponseSchema: z.ZodType<RotateSigningKeyResponse> = z.object({
  kid: z.string(),
});

export function toAdminSigningKey(key: StoredSigningKey, now: EpochMilliseconds): AdminSigningKey {
  return {
    kid: key.kid,
    created_at: toInstant(key.createdAt),
    active_from: toInstant(key.activeFrom),
    published_until: toInstant(key.publishedUntil),
    published: key.publishedUntil === null || now < key.publishedUntil,
  };
}
