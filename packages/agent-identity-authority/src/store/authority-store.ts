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
  readonly revokedAt: EpochMilliseconds | null;
}

/** An RS256 key that signs Agent Identity JWTs. */
export interface StoredSigningKey {
  /** The RFC 7638 thumbprint of the public half. */
  readonly kid: string;
  readonly publicJwk: { readonly kty: 'RSA'; readonly n: string; readonly e: string };
  /** **Secret.** The authority writes and reads it; a store keeps it as it came. */
  readonly privateKey: string;
  readonly createdAt: EpochMilliseconds;
  /** It signs from here on, until a newer one does. */
  readonly activeFrom: EpochMilliseconds;
  /** The JWKS holds it until then; null while nothing replaces it. */
  readonly publishedUntil: EpochMilliseconds | null;
}

/**
 * Where an authority keeps what it knows. Every method is one transaction: it takes effect as a whole or not at all,
 * also against the same method called at the same time, by this process or another. What a resolved promise
 * acknowledges is kept, and seen by every call that starts afterwards. A store that cannot do its work rejects, with
 * any error; callers answer 503 and never "not found".
 *
 * This package implements it; the interface grows with new minor versions.
 */
export interface AuthorityStore {
  /**
   * Adds a runtime unless its public key is known: one key has one runtime, for good, even after a revocation.
   *
   * @returns the runtime that has the key now: the given one, or the one from before, unchanged
   */
  addAgentRuntime(runtime: StoredAgentRuntime): Promise<StoredAgentRuntime>;

  findAgentRuntime(agentRuntimeId: string): Promise<StoredAgentRuntime | undefined>;

  /**
   * Marks a runtime as revoked. A second time changes nothing, the time of the first included.
   *
   * @returns whether there is such a runtime
   */
  revokeAgentRuntime(agentRuntimeId: string, revokedAt: EpochMilliseconds): Promise<boolean>;

  /**
   * Adds a task, unless a task of the same runtime, registration timestamp and signature is there and not revoked:
   * clients repeat a registration byte for byte and must get the same task (protocol section 11). A runtime may have
   * any number of tasks.
   *
   * @returns the task of that registration: the given one, or the one from before; `undefined`, and adds nothing, if
   * the runtime is not there or is revoked at the moment of the adding
   */
  addAgentTask(task: StoredAgentTask): Promise<StoredAgentTask | undefined>;

  /** The task if it is this runtime's. */
  findAgentTask(agentRuntimeId: string, taskId: string): Promise<StoredAgentTask | undefined>;

  /**
   * Marks a task as revoked; likewise.
   *
   * @returns whether the runtime has such a task
   */
  revokeAgentTask(agentRuntimeId: string, taskId: string, revokedAt: EpochMilliseconds): Promise<boolean>;

  /** All signing keys, those no longer published included, the oldest first. */
  listSigningKeys(): Promise<readonly StoredSigningKey[]>;

  /** Adds a signing key if there is none at all: of several authorities that start at once, one succeeds. */
  addFirstSigningKey(key: StoredSigningKey): Promise<void>;

  /** Adds a signing key, and ends the publishing of all others at `othersPublishedUntil`, unless theirs ends sooner. */
  rotateSigningKey(key: StoredSigningKey, othersPublishedUntil: EpochMilliseconds): Promise<void>;

  close(): Promise<void>;
}
