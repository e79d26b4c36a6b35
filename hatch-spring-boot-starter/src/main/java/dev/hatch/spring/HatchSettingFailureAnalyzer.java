package dev.hatch.spring;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Has Spring Boot say what is wrong with a property in place of a stack trace. */
final class HatchSettingFailureAnalyzer extends AbstractFailureAnalyzer<HatchSettingException> {
    @Override
    protected FailureAnalysis analyze(Throwable rootFailure, HatchSettingException cause) {
        return new FailureAnalysis(
                "The connection pool has no valid settings. " + cause.getMessage(),
                "Correct or remove that property.",
                cause);
    }
}
