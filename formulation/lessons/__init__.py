"""Problem classes with their usual mistakes, and what solved and failed problems have taught."""

from formulation.lessons.library import Lesson, LessonError, Library, parse_lesson

__all__ = ["Lesson", "LessonError", "Library", "parse_lesson"]
