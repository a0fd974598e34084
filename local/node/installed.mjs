// Loads packages from .local/node, where local/node_tools.sh installs them. The working directory is the repository.
import { createRequire } from 'node:module'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

export const installed = createRequire(pathToFileURL(resolve('.local/node/node_modules/')))
