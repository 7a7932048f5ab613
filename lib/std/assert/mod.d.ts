/**
 * The public types of `@std/assert` 1.x, without its sub-paths.
 *
 * @module
 */

// deno-lint-ignore-file no-explicit-any

/** Every value that counts as false. */
export type Falsy = false | 0 | 0n | "" | null | undefined;

/** An array, typed array or other indexable object. */
export type ArrayLikeArg<T> = ArrayLike<T> & object;

/** A class, abstract or not. */
export type AnyConstructor = abstract new (...args: any[]) => any;

/** The error that every assertion throws. */
export declare class AssertionError extends Error {
  /** Constructs an instance with the message of the failed assertion. */
  constructor(message: string, options?: ErrorOptions);
}

/** Asserts that the expression is truthy. */
export declare function assert(expr: unknown, msg?: string): asserts expr;

/** Asserts that two numbers differ by the tolerance at most (by default a millionth of the expected one). */
export declare function assertAlmostEquals(
  actual: number,
  expected: number,
  tolerance?: number,
  msg?: string,
): void;

/** Asserts that the actual array has every element of the expected one. */
export declare function assertArrayIncludes<T>(
  actual: ArrayLikeArg<T>,
  expected: ArrayLikeArg<T>,
  msg?: string,
): void;

/** Asserts that two values are deeply equal. */
export declare function assertEquals<T>(actual: T, expected: T, msg?: string): void;

/** Asserts that the value is neither null nor undefined. */
export declare function assertExists<T>(actual: T, msg?: string): asserts actual is NonNullable<T>;

/** Asserts that the expression is falsy. */
export declare function assertFalse(expr: unknown, msg?: string): asserts expr is Falsy;

/** Asserts that `actual > expected`. */
export declare function assertGreater<T>(actual: T, expected: T, msg?: string): void;

/** Asserts that `actual >= expected`. */
export declare function assertGreaterOrEqual<T>(actual: T, expected: T, msg?: string): void;

/** Asserts that the value is an instance of the class. */
export declare function assertInstanceOf<T extends AnyConstructor>(
  actual: unknown,
  expectedType: T,
  msg?: string,
): asserts actual is InstanceType<T>;

/** Asserts that the value is an error, of the class and with the message where these are given. */
export declare function assertIsError<E extends Error = Error>(
  error: unknown,
  ErrorClass?: abstract new (...args: any[]) => E,
  msgMatches?: string | RegExp,
  msg?: string,
): asserts error is E;

/** Asserts that `actual < expected`. */
export declare function assertLess<T>(actual: T, expected: T, msg?: string): void;

/** Asserts that `actual <= expected`. */
export declare function assertLessOrEqual<T>(actual: T, expected: T, msg?: string): void;

/** Asserts that the text matches the expression. */
export declare function assertMatch(actual: string, expected: RegExp, msg?: string): void;

/** Asserts that two values are not deeply equal. */
export declare function assertNotEquals<T>(actual: T, expected: T, msg?: string): void;

/** Asserts that the value is not an instance of the class. */
export declare function assertNotInstanceOf<A, T>(
  actual: A,
  unexpectedType: abstract new (...args: any[]) => T,
  msg?: string,
): asserts actual is Exclude<A, T>;

/** Asserts that the text does not match the expression. */
export declare function assertNotMatch(actual: string, expected: RegExp, msg?: string): void;

/** Asserts that two values are not the same by `Object.is`. */
export declare function assertNotStrictEquals<T>(actual: T, expected: T, msg?: string): void;

/** Asserts that the actual object has the expected properties, among others. */
export declare function assertObjectMatch(
  actual: Record<PropertyKey, any>,
  expected: Record<PropertyKey, unknown>,
  msg?: string,
): void;

/** Asserts that the promise that the function returns rejects, and gives the reason. */
export declare function assertRejects(fn: () => PromiseLike<unknown>, msg?: string): Promise<unknown>;

/** Asserts that the promise that the function returns rejects with such an error, and gives the error. */
export declare function assertRejects<E extends Error = Error>(
  fn: () => PromiseLike<unknown>,
  ErrorClass: abstract new (...args: any[]) => E,
  msgIncludes?: string,
  msg?: string,
): Promise<E>;

/** Asserts that two values are the same by `Object.is`. */
export declare function assertStrictEquals<T>(
  actual: unknown,
  expected: T,
  msg?: string,
): asserts actual is T;

/** Asserts that the text has the expected part. */
export declare function assertStringIncludes(actual: string, expected: string, msg?: string): void;

/** Asserts that the function throws, and gives what it threw. */
export declare function assertThrows(fn: () => unknown, msg?: string): unknown;

/** Asserts that the function throws such an error, and gives the error. */
export declare function assertThrows<E extends Error = Error>(
  fn: () => unknown,
  ErrorClass: abstract new (...args: any[]) => E,
  msgIncludes?: string,
  msg?: string,
): E;

/** True if the two values are deeply equal. */
export declare function equal(a: unknown, b: unknown): boolean;

/** Fails. */
export declare function fail(msg?: string): never;

/** Fails because the code is not written yet. */
export declare function unimplemented(msg?: string): never;

/** Fails because the code cannot be reached. */
export declare function unreachable(msg?: string): never;
