import { thrownBy } from 'test-support';

/** The code of the error of this family that the action throws or rejects with. */
export async function codeOf(action: () => unknown): Promise<string> {
  return (await thrownBy(async () => action())).code;
}
