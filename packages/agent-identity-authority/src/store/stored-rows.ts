import type { AgentBillOfMaterials } from 'agent-identity-core/wire';
import type { EpochMilliseconds } from '../epoch.js';

/** A registered agent runtime. The private key is nowhere in it: the authority never has it, or never keeps it. */
export interface StoredAgentRuntime {
  readonly agentRuntimeId: string;
  /** The OpenSSH line. No two runtimes have the same. */
  readonly publicKeySsh: string;
  readonly accountId: string;
  readonly chatgptUserId: string;
  /** Null for an identity issued as a JWT whose issuer said nothing. */
  readonly abom: AgentBillOfMaterials | null;
  readonly capabilities: readonly string[];
  readonly createdAt: EpochMilliseconds;
  /** By the registration's `ttl`; null for no end. The last moment is the one before. */
  readonly expiresAt: EpochMilliseconds | null;
  /** Null while it stands. */
  readonly revokedAt: EpochMilliseconds | null;
}

/** A registered task, with the registration that made it. */
export interface StoredAgentTask {
  readonly taskId: string;
  readonly agentRuntimeId: string;
  /** As in the registration, byte for byte. */
  readonly registrationTimestamp: string;
  /** As in the registration, byte for byte. */
  readonly registrationSignature: string;
  readonly createdAt: EpochMilliseconds;
  /** When a verifier last asked for it, to the minute or so; `createdAt` until then. Not in the audit log. */
  readonly lastSeenAt: EpochMilliseconds;
  readonly revokedAt: EpochMilliseconds | null;
}

/** An RS256 key that signs Agent Identity JWTs. */
export interface StoredSigningKey {
  /** The RFC 7638 thumbprint of the public half. */
  readonly kid: string;
  readonly publicJwk: { readonly kty: 'RSA'; readonly n: string; readonly e: string };
  /** **Secret.** A PKCS#8 PEM. Stores that outlive the process keep it encrypted. */
  readonly privateKey: string;
  readonly createdAt: EpochMilliseconds;
  /** It signs from here on, until a newer one does. */
  readonly activeFrom: EpochMilliseconds;
  /** The JWKS holds it until then; null while nothing replaces it. */
  readonly publishedUntil: EpochMilliseconds | null;
}
