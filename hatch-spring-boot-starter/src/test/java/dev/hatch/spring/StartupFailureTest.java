package dev.hatch.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

@ExtendWith(OutputCaptureExtension.class)
class StartupFailureTest {
    @Test
    void a_wrong_key_is_reported_without_a_stack_trace(CapturedOutput output) {
        SpringApplication application = new SpringApplication(SampleApplicationTest.Application.class);
        application.setWebApplicationType(WebApplicationType.NONE);

        assertThatThrownBy(() -> application.run(
                        "--logging.level.root=warn",
                        "--spring.config.location=classpath:/sample/application.yaml",
                        "--spring.datasource.hatch.max-open-conections=3"))
                .isInstanceOf(Exception.class);

        assertThat(output)
                .contains("APPLICATION FAILED TO START")
                .contains("'spring.datasource.hatch.max-open-conections'")
                .contains("did you mean maxOpenConnections?")
                .doesNotContain("\tat ");
    }
}
