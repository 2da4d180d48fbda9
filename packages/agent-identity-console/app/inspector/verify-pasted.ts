import {
  type AgentAssertion,
  isAgentIdentityError,
  parseInstanceAssertion,
  readSshPublicKey,
  verifyAgentAssertion,
  verifyInstanceAssertion,
} from 'agent-identity-core';
import { parseJson } from 'agent-identity-core/http';
import { type Inspection, withoutHeaderName } from 'agent-identity-inspector';
import { localJwks, verifyAgentIdentityJwt } from 'agent-identity-jwt';
import { texts } from '../texts.js';

/** What verification said. */
export interface Verdict {
  readonly isGood: boolean;
  readonly text: string;
}

/**
 * Verifies the signature of an inspected text with the key or key set that the user gave. The age of an assertion is not judged
 * here: the inspection says it.
 */
export async function verifyPasted(
  text: string,
  keyText: string,
  inspection: Inspection,
  now: number,
): Promise<Verdict | undefined> {
  const { unverified, unsigned, refused } = texts.inspector;
  const { isSigned } = inspection;
  if (keyText === '') return isSigned ? { isGood: false, text: unverified } : undefined;
  if (!isSigned) return { isGood: false, text: unsigned };
  try {
    return { isGood: true, text: await verify(withoutHeaderName(text), keyText, inspection, now) };
  } catch (error) {
    if (isAgentIdentityError(error)) return { isGood: false, text: refused(error.code, error.message) };
    throw error;
  }
}

async function verify(value: string, keyText: string, inspection: Inspection, now: number): Promise<string> {
  const { genuineAssertion, genuineJwt } = texts.inspector;
  switch (inspection.form) {
    case 'agent_assertion': {
      const assertion = readAssertion(inspection);
      const clock = () => Date.parse(assertion.timestamp);
      verifyAgentAssertion(assertion, { publicKey: readSshPublicKey(keyText) }, { clock });
      return genuineAssertion;
    }
    case 'instance_assertion': {
      const assertion = parseInstanceAssertion(value);
      const clock = () => assertion.issuedAtSeconds * 1000;
      verifyInstanceAssertion(assertion, { publicKey: readSshPublicKey(keyText) }, { clock });
      return genuineAssertion;
    }
    default: {
      const jwks = localJwks(parseJson(keyText));
      const { exp } = await verifyAgentIdentityJwt(
        value.replace(/^bearer\s+/i, ''),
        { jwks },
        { clock: () => now },
      );
      return genuineJwt(new Date(exp * 1000).toISOString().replace('.000Z', 'Z'));
    }
  }
}

/** The members were parsed strictly by the inspection, whichever form of the assertion was pasted. */
function readAssertion({ members }: Inspection): AgentAssertion {
  const memberOf = (name: string) => String(members.find((member) => member.name === name)?.value);
  return {
    agentRuntimeId: memberOf('agent_runtime_id'),
    taskId: memberOf('task_id'),
    timestamp: memberOf('timestamp'),
    signature: memberOf('signature'),
  };
}
