import { isRegistrationError, type RegistrationError } from 'agent-identity-registry';
import { thrownBy } from 'test-support';

/** Returns the `RegistrationError` that the registration rejects with; fails for anything else. */
export async function failureOf(registration: Promise<unknown>): Promise<RegistrationError> {
  const error = await thrownBy(() => registration);
  if (isRegistrationError(error)) return error;
  throw new Error(`expected a RegistrationError, got ${error.code}: ${error.message}`);
}
