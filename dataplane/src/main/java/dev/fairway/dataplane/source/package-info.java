/** The newest snapshot into this process, from Kubernetes objects or a folder; the last good copy. */
@NullMarked
package dev.fairway.dataplane.source;

import org.jspecify.annotations.NullMarked;
