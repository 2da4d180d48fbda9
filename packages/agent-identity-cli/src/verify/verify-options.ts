/** The options of `verify`. */
export interface VerifyOptions {
  readonly publicKey?: string;
  readonly jwksFile?: string;
  readonly jwtBaseUrl?: string;
  readonly maxAgeSeconds?: number;
  readonly leewaySeconds?: number;
  readonly at?: number;
}
