import { AgentIdentityError } from 'agent-identity-core';

/** The error codes of agent-identity-inspector, besides those of the parsers that it uses. */
export type InspectorErrorCode = 'unrecognized_input';

/** Creates the error for a text that is none of the known forms. */
export function unrecognizedInput(message: string): AgentIdentityError<InspectorErrorCode> {
  return new AgentIdentityError('unrecognized_input', message);
}
