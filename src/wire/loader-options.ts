/**
 * How proto-loader converts messages to objects. `npm run proto` generates the types in `gen/` with the same options. Change them
 * only here.
 */
export const LOADER_OPTIONS = {
  /** Field names in camelCase. */
  keepCase: false,
  /** Exact up to 2^53. */
  longs: Number,
  /** A repeated field is always present; any other unset field is absent. */
  arrays: true,
  defaults: false,
  oneofs: false,
} as const;

/** The same options as arguments of `proto-loader-gen-types`. */
export const GENERATOR_ARGUMENTS: readonly string[] = Object.entries(LOADER_OPTIONS).map(
  ([name, value]) => `--${name}=${typeof value === 'function' ? value.name : value}`,
);
