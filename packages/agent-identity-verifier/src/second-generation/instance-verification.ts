import {
  type Clock,
  type InstanceAssertion,
  parseInstanceAssertion,
  verifyInstanceAssertion,
} from 'agent-identity-core';
import { isSameActor } from '../agent-actor.js';
import type { AgentActor, AgentDirectory, RuntimeAgentInstanceEntry } from '../agent-directory.js';
import type { AssertionContext } from '../assertion-verifier.js';
import { createDecoyCheck } from '../decoy-check.js';
import { verificationError } from '../errors.js';
import type { AccountMatch } from '../first-generation/require-active.js';
import type { Credentials } from '../read-credentials.js';
import type { VerifiedAgentInstance } from '../verified-agent.js';
import type { BearerCheck } from './bearer-check.js';
import type { SingleUseCheck } from './single-use-check.js';

/** Dependencies of the verification of instance assertions. */
export interface InstanceVerificationParts {
  readonly directory: Pick<Required<AgentDirectory>, 'findRuntimeAgentInstance'>;
  readonly accountMatch: AccountMatch;
  readonly window: { readonly maxAgeSeconds: number; readonly leewaySeconds: number };
  /** Undefined: assertions beside a bearer token are refused. */
  readonly checkBearer: BearerCheck | undefined;
  readonly checkSingleUse: SingleUseCheck;
  readonly clock: Clock;
}

/** Verifies the credentials of a runtime agent instance. */
export type InstanceVerification = (
  credentials: Extract<Credentials, { readonly generation: 2 }>,
  context: AssertionContext,
) => Promise<VerifiedAgentInstance>;

/**
 * Creates the verification of assertions of the second generation (docs/protocol-instances.md section 9): form, signature,
 * age, status of the instance, account, bearer token, and at the end single use.
 */
export function createInstanceVerification(parts: InstanceVerificationParts): InstanceVerification {
  const { directory, accountMatch, checkBearer, checkSingleUse, clock } = parts;
  const checkSignature: InstanceSignatureCheck = createInstanceSignatureCheck(parts);

  return async ({ headerValue, bearerHeader }, context) => {
    if (bearerHeader !== undefined && checkBearer === undefined) {
      throw verificationError(
        'dual_header_not_accepted',
        'got an assertion beside a bearer token, which cannot be judged without the option verifyBearer',
      );
    }
    const assertion = parseInstanceAssertion(headerValue);
    const instance = await directory.findRuntimeAgentInstance(assertion.runtimeAgentInstanceId);
    checkSignature(assertion, instance);
    requireActiveInstance(instance, clock());
    requireAccountOfActor(instance.actor, context.accountId, accountMatch);
    if (bearerHeader !== undefined && checkBearer !== undefined) {
      requireSameActor(await checkBearer(bearerHeader.value, context), instance.actor);
    }
    await checkSingleUse(assertion);
    return toVerifiedAgent(assertion, instance);
  };
}

/** @throws AgentIdentityError `runtime_instance_not_found`, `invalid_signature`, `instance_assertion_expired`, `instance_assertion_in_future` */
type InstanceSignatureCheck = (
  assertion: InstanceAssertion,
  instance: RuntimeAgentInstanceEntry | undefined,
) => asserts instance is RuntimeAgentInstanceEntry;

function createInstanceSignatureCheck({
  window,
  clock,
}: Pick<InstanceVerificationParts, 'window' | 'clock'>): InstanceSignatureCheck {
  const checkDecoy = createDecoyCheck();
  return (assertion, instance) => {
    if (instance?.runtimeAgentInstanceId !== assertion.runtimeAgentInstanceId) {
      checkDecoy((publicKey) => verifyInstanceAssertion(assertion, { publicKey, ...window }, { clock }));
      throw instanceNotFound();
    }
    verifyInstanceAssertion(assertion, { publicKey: instance.publicKey, ...window }, { clock });
  };
}

/** @throws AgentIdentityError `runtime_instance_suspended`, `runtime_instance_revoked`, `runtime_instance_expired` */
function requireActiveInstance({ status, expiresAt }: RuntimeAgentInstanceEntry, now: number): void {
  const isExpired = expiresAt !== undefined && !(now < expiresAt);
  if (status === 'active' && !isExpired) return;
  const problem = status === 'active' ? 'expired' : status;
  throw verificationError(`runtime_instance_${problem}`, `the runtime agent instance is ${problem}`);
}

/** @throws AgentIdentityError `missing_account_id`, `actor_mismatch` */
function requireAccountOfActor(
  actor: AgentActor,
  accountId: string | null | undefined,
  accountMatch: AccountMatch,
): void {
  const owner = actor.kind === 'chatgpt' ? actor.accountId : undefined;
  if (accountId === null || accountId === undefined) {
    if (owner === undefined || accountMatch === 'when_given') return;
    throw verificationError('missing_account_id', 'expected the account of the request, got none');
  }
  if (accountId === owner) return;
  throw verificationError(
    'actor_mismatch',
    "the request's account is not the account of the instance's actor",
  );
}

/** @throws AgentIdentityError `actor_mismatch` */
function requireSameActor(bearer: AgentActor, instance: AgentActor): void {
  if (isSameActor(bearer, instance)) return;
  throw verificationError('actor_mismatch', "the bearer token belongs to another actor than the instance's");
}

/**
 * Requires that an instance that was verified before is still active, and acts for the same actor.
 *
 * @throws AgentIdentityError `runtime_instance_not_found`, `actor_mismatch` and the codes of `requireActiveInstance`
 */
export async function requireStillActiveInstance(
  { runtimeAgentInstanceId, actor }: VerifiedAgentInstance,
  directory: Pick<Required<AgentDirectory>, 'findRuntimeAgentInstance'>,
  clock: Clock,
): Promise<void> {
  const instance = await directory.findRuntimeAgentInstance(runtimeAgentInstanceId);
  if (instance?.runtimeAgentInstanceId !== runtimeAgentInstanceId) throw instanceNotFound();
  requireActiveInstance(instance, clock());
  requireSameActor(actor, instance.actor);
}

function instanceNotFound(): Error {
  return verificationError('runtime_instance_not_found', 'the directory has no such runtime agent instance');
}

function toVerifiedAgent(
  { runtimeAgentInstanceId, issuedAtSeconds, id }: InstanceAssertion,
  { agentHostId, actor }: RuntimeAgentInstanceEntry,
): VerifiedAgentInstance {
  return {
    generation: 2,
    runtimeAgentInstanceId,
    agentHostId,
    actor,
    accountId: actor.kind === 'chatgpt' ? actor.accountId : undefined,
    capabilities: [],
    signedAt: new Date(issuedAtSeconds * 1000).toISOString().replace('.000Z', 'Z'),
    assertionId: id,
  };
}
