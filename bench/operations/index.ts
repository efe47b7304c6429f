// All operations, in the order in which they run: what writes much comes after what reads.
import { fanOut, refetchStorm } from './crowds.ts'
import type { Operation } from './operation.ts'
import { largeOperations, requestOperations } from './requests.ts'
import { connecting, loggingIn, readingBeside } from './sessions.ts'

export const operations: readonly Operation[] = [
  ...requestOperations, connecting, loggingIn, fanOut, refetchStorm, readingBeside, ...largeOperations,
]
