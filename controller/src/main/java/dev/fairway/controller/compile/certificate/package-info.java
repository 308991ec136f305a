/** Certificates and their private keys as users give them: read, checked, never trusted. */
@NullMarked
package dev.fairway.controller.compile.certificate;

import org.jspecify.annotations.NullMarked;
