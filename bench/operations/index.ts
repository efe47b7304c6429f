// All operations, in the order in which they run: memory first, while the servers are fresh.
import { fanOut, memory, refetchStorm } from './crowds.ts'
import type { Operation } from './operation.ts'
import { largeOperations, requestOperations } from './requests.ts'
import { connecting, loggingIn, readingBeside } from './sessions.ts'

export const operations: readonly Operation[] = [
  memory, ...requestOperations, connecting, loggingIn, fanOut, refetchStorm, readingBeside, ...largeOperations,
]
