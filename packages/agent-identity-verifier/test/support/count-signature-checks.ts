import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';

/** Counts the signatures that Node's crypto, which core uses, checks during the work. */
export async function countSignatureChecks(work: () => Promise<unknown>): Promise<number> {
  const { verify } = crypto;
  let checks = 0;
  crypto.verify = new Proxy(verify, {
    apply(target, thisArg, args) {
      checks += 1;
      return Reflect.apply(target, thisArg, args);
    },
  });
  syncBuiltinESMExports();
  try {
    await work();
  } finally {
    crypto.verify = verify;
    syncBuiltinESMExports();
  }
  return checks;
}
