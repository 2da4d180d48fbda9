import { type KeyObject, verify } from 'node:crypto';
import { describeType } from 'agent-identity-core';
import { withDeadline } from 'agent-identity-core/http';
import { authorityError } from '../errors.js';
import type { AuthorityStore } from '../store/authority-store.js';
import { type OnFailure, toUnavailable } from '../to-unavailable.js';
import { type ExternalKey, type JwtSigner, type JwtSigners, readExternalKeys } from './jwt-signer.js';
import type { SigningKeys } from './signing-keys.js';

/** Dependencies of signing keys outside of the authority. */
export interface ExternalSigningKeysParts {
  readonly jwtSigners: JwtSigners;
  readonly store: Pick<AuthorityStore, 'ping'>;
  readonly onFailure: OnFailure;
}

/**
 * Opens signing keys that live outside of the authority. The store's own signing keys are neither used nor published, and none is
 * created.
 *
 * @throws AgentIdentityError `invalid_argument`
 */
export async function openExternalSigningKeys({
  jwtSigners,
  store,
  onFailure,
}: ExternalSigningKeysParts): Promise<SigningKeys> {
  const [signer] = jwtSigners;
  const keys = await readExternalKeys(jwtSigners);
  const jwks = {
    keys: keys.map(({ kid, publicJwk }) => ({ ...publicJwk, kid, alg: 'RS256', use: 'sig' }) as const),
  };
  return {
    areExternal: true,
    async sign(claims) {
      // A signature may cost money. Without the store, the JWT could not be handed out.
      await store.ping();
      const signingInput = Buffer.from(`${encode(headerOf(keys[0]))}.${encode(claims)}`);
      const signature = await requestSignature(signer, signingInput, onFailure);
      requireSignature(keys[0].publicKey, signingInput, signature, onFailure);
      return `${signingInput.toString()}.${Buffer.from(signature).toString('base64url')}`;
    },
    published: async () => jwks,
    async rotate() {
      throw externalKeysError();
    },
  };
}

/** The keys are rotated by their owner, in the list that the authority is given. */
export function externalKeysError(): Error {
  return authorityError(
    'signing_key_external',
    'The signing keys are outside of the authority: rotate them there, and change the list jwtSigners.',
  );
}

function headerOf({ kid }: ExternalKey): object {
  return { alg: 'RS256', kid, typ: 'JWT' };
}

function encode(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url');
}

function requestSignature(
  signer: JwtSigner,
  signingInput: Uint8Array,
  onFailure: OnFailure,
): Promise<Uint8Array> {
  const { timeoutSeconds = 10 } = signer;
  return toUnavailable(
    'jwt_signer_unavailable',
    () =>
      withDeadline({ timeoutSeconds }, async (signal) =>
        signer.sign(Uint8Array.from(signingInput), { signal }),
      ),
    onFailure,
  );
}

function requireSignature(
  publicKey: KeyObject,
  signingInput: Uint8Array,
  signature: unknown,
  onFailure: OnFailure,
): asserts signature is Uint8Array {
  const isBytes = signature instanceof Uint8Array;
  if (isBytes && verify('sha256', signingInput, publicKey, signature)) return;
  const got = isBytes ? `${signature.length} bytes that are none` : describeType(signature);
  onFailure(
    authorityError(
      'jwt_signer_mismatch',
      `jwtSigners[0]: expected an RS256 signature of its publicJwk, got ${got}`,
    ),
  );
  throw authorityError(
    'jwt_signer_mismatch',
    'The JWT signer signs with another key than the published one.',
  );
}
